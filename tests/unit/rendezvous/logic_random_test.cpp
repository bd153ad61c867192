// Random days in the life of a rendezvous: logins, mail, half-lost acknowledgements, garbage,
// crashes, a full disk. Whatever was accepted is delivered, until its recipient acknowledged it.
#include "logic_world.hpp"

#include <random>

namespace sotto::rendezvous::testing {
namespace {

class Day {
public:
    explicit Day(std::uint64_t seed) : dice_(seed) {
        for (const char* name : {"anna", "bob", "carl"})
            people_.push_back(world_.person(name));
        for (std::size_t i = 0; i < people_.size(); ++i) {
            users_.push_back(world_.join(people_[i]));
            tokens_.push_back(world_.give_token(users_[i], static_cast<std::uint8_t>(i + 1)));
        }
    }

    void live(int steps) {
        for (int i = 0; i < steps; ++i) {
            const std::size_t who = roll(people_.size());
            switch (roll(40)) {
                case 0:
                    log_in(who);
                    break;
                case 1:
                    (void)world_.send(users_[who], Logout{});
                    break;
                case 2:
                    world_.feed(ClientGone{users_[who]});
                    break;
                case 3:
                    acknowledge(who);
                    break;
                case 4:
                    world_.send_bytes(users_[who], garbage());
                    break;
                case 5:
                    world_.hold_store = !world_.hold_store;
                    break;
                case 6:
                    world_.store.set_disk_full(roll(3) == 0);
                    break;
                case 7:
                    world_.advance(roll(20'000));
                    break;
                case 8:
                    if (roll(20) == 0) restart();
                    break;
                default:
                    put(who);
                    break;
            }
            collect();
        }
    }

    // Everything heals, everybody who is offline logs in, and all read to the end.
    void heal_and_check(bool restarted) {
        world_.hold_store = false;
        world_.store.set_disk_full(false);
        world_.advance(2000);  // what failed is tried again once a second
        collect();
        if (restarted) restart();
        for (std::size_t who = 0; who < people_.size(); ++who) {
            if (!std::holds_alternative<Pong>(world_.ask(users_[who], Ping{}))) log_in(who);
            take_mail(who);
            while (!unacknowledged_[who].empty()) {
                AckMail ack;
                for (const auto& [row, number] : unacknowledged_[who]) {
                    if (ack.rows.size() < max_ack_rows) ack.rows.push_back(row);
                    kept_[who].insert(number);
                }
                unacknowledged_[who].clear();
                (void)world_.ask_for<Ok>(users_[who], ack);
                take_mail(who);
            }
            for (const std::uint32_t number : accepted_[who]) {
                EXPECT_TRUE(kept_[who].contains(number)) << "lost: " << number;
            }
            for (const std::uint32_t number : kept_[who]) {
                EXPECT_TRUE(put_[who].contains(number)) << "never sent: " << number;
            }
        }
    }

private:
    std::size_t roll(std::size_t sides) { return dice_() % sides; }

    Bytes garbage() {
        Bytes bytes = encode(RequestFrame{1, LookUp{"anna"}});
        bytes[roll(bytes.size())] = static_cast<std::uint8_t>(dice_());
        return bytes;
    }

    void log_in(std::size_t who) {
        if (world_.hold_store) return;  // needs answers at once
        users_[who] = world_.connect();
        world_.logged_in(users_[who], world_.device_login_of(users_[who], people_[who]));
    }

    void put(std::size_t to) {
        const std::uint32_t number = next_++;
        PutMail mail = mail_to(people_[to], tokens_[to], 0, 64);
        crypto::ByteArray<16> envelope{};
        std::memcpy(envelope.data(), &number, sizeof number);
        std::memcpy(mail.item.data(), &number, sizeof number);
        mail.envelope = EnvelopeId(envelope);
        put_[to].insert(number);
        const UserId sender = users_[roll(users_.size())];
        waiting_.emplace(world_.send(sender, mail), std::pair{to, number});
    }

    void acknowledge(std::size_t who) {
        if (unacknowledged_[who].empty()) return;
        // Some of them, and only those are safe with the recipient.
        AckMail ack;
        for (const auto& [row, number] : unacknowledged_[who]) {
            if (ack.rows.size() == max_ack_rows || roll(2) == 0) continue;
            ack.rows.push_back(row);
            kept_[who].insert(number);
        }
        for (const std::uint64_t row : ack.rows)
            unacknowledged_[who].erase(row);
        if (!ack.rows.empty()) (void)world_.send(users_[who], ack);
    }

    void restart() {
        world_.restart();
        waiting_.clear();
        for (auto& rows : unacknowledged_)
            rows.clear();
    }

    void take_mail(std::size_t who) {
        for (const Mail& each : world_.pushes<Mail>(users_[who])) {
            std::uint32_t number = 0;
            std::memcpy(&number, each.item.data(), sizeof number);
            unacknowledged_[who].insert_or_assign(each.row, number);
        }
    }

    void collect() {
        for (std::size_t who = 0; who < people_.size(); ++who)
            take_mail(who);
        for (auto& [user, frames] : world_.inbox) {
            for (const ReplyFrame& frame : frames) {
                const auto asked = waiting_.find(frame.id);
                if (asked == waiting_.end()) continue;
                const auto& [to, number] = asked->second;
                if (std::holds_alternative<Accepted>(frame.reply)) accepted_[to].insert(number);
            }
            frames.clear();
        }
    }

    World world_;
    std::mt19937_64 dice_;
    std::vector<Person> people_;
    std::vector<UserId> users_;
    std::vector<MailboxToken> tokens_;
    std::uint32_t next_ = 1;
    std::map<RequestId, std::pair<std::size_t, std::uint32_t>> waiting_;
    std::array<std::set<std::uint32_t>, 3> put_;
    std::array<std::set<std::uint32_t>, 3> accepted_;
    std::array<std::set<std::uint32_t>, 3> kept_;
    std::array<std::map<std::uint64_t, std::uint32_t>, 3> unacknowledged_;
};

TEST(random_days, what_was_accepted_arrives) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Day day(seed);
        day.live(1500);
        day.heal_and_check(seed % 2 == 0);
    }
}

}  // namespace
}  // namespace sotto::rendezvous::testing
