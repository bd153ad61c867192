// Attack 18: the ratchet against its slow model, 10^5 random steps, with crashes between every two
// things a peer does, also between the statements of a transaction: nothing decryptable is lost, no
// message key encrypts twice. What is decryptable, a ledger without cryptography says.
#include <array>
#include <deque>

#include "tests/attack/message_ledger.hpp"
#include "tests/attack/slow_ratchet.hpp"
#include "tests/attack/support.hpp"
#include "tests/property/seed.hpp"

namespace sotto::crypto::attack {
namespace {

constexpr int steps = 100'000;

/// A ciphertext on its way, and what the test knows about it.
struct Letter {
    Bytes bytes;
    Place place;
    std::string id;
    Bytes key;  // MK
};

/// What a peer starts again from.
struct Disk {
    SecretBytes session;  // the real one, as bytes
    SlowRatchet model;    // its row, too
    MessageLedger ledger;
    std::deque<Letter> outbox;         // not yet handed to the network
    std::map<std::string, int> texts;  // how often each was stored
    std::set<std::string> known;       // ids of received messages
};

/// Statements that reach the disk together, or, when the process dies before commit(), not at all.
class Transaction {
public:
    using Statement = std::function<void(Disk&)>;
    /// `one_by_one`: each statement at once, as a store without transactions would. For the canary.
    Transaction(Disk& disk, bool one_by_one) : disk_(disk), one_by_one_(one_by_one) {}
    void add(const Statement& statement) {
        if (one_by_one_)
            statement(disk_);
        else
            pending_.push_back(statement);
    }
    void commit() {
        for (const Statement& each : pending_)
            each(disk_);
        pending_.clear();
    }

private:
    Disk& disk_;
    bool one_by_one_;
    std::vector<Statement> pending_;
};

/// Where a process may die. Sending, then receiving.
enum class Point : std::size_t {
    loaded,
    encrypted,
    outbox_row,
    sending_state,
    send_committed,
    handed_over,
    loaded_for_receiving,
    decrypted,
    text_row,
    known_row,
    receiving_state,
    receive_committed,
    count
};

class World {
public:
    struct Options {
        Suite suite;
        bool one_by_one = false;
    };
    World(std::uint64_t seed, const Options& options) : random_(seed), options_(options) {
        const SessionSecrets secrets{.suite = options.suite,
                                     .sid = SessionId::generate(random_),
                                     .associated_data = random_.array<32>(),
                                     .root = random_.secret<32>(),
                                     .header_key = random_.secret<32>(),
                                     .next_header_key = random_.secret<32>()};
        Twins twins = make_twins(secrets, OwnSpk::generate(random_), random_);
        for (Twin* twin : {&twins.alice, &twins.bob})
            disks_.push_back({.session = twin->real.serialise(),
                              .model = twin->model,
                              .ledger = MessageLedger(twin == &twins.alice),
                              .outbox = {},
                              .texts = {},
                              .known = {}});
    }

    void step() {
        now_ms_ += draw(10 * 60 * 1000);  // ten months over all steps: keys expire on the way
        const std::size_t who = draw(2);
        const std::uint32_t what = draw(10'000);
        if (what < 3800)
            write(who);
        else if (what < 4500)
            transmit(who);
        else if (what < 8500)
            take_one_of(who);
        else if (what < 8900)
            lose(who);
        else if (what < 9400)
            damage(who);
        else if (what < 9900)
            reflect(who);
        else if (what < 9907)
            lose_a_burst(who, draw(300));
        else
            now_ms_ -= std::min<std::uint64_t>(now_ms_, draw(3'600'000));  // the clock jumps back
    }
    /// More is lost than the other side may make up for: in a chain, or in front of a DH step.
    void lose_too_much(bool turn_first) {
        lose_a_burst(0, 2001 + draw(500));
        while (turn_first && !network_[0].empty())
            take(0, 0);
        write_and_deliver(0);
    }
    /// Gaps below the limit, several in one chain: more keys than may be stored. Then both talk on,
    /// which ends the chains and forgets the keys: every step copies them.
    void flood(std::size_t who) {
        for (std::uint32_t round = 0; round < 4; ++round) {
            lose_a_burst(who, 1700 + draw(250));
            write_and_deliver(who);
        }
        for (std::size_t turn = 1; turn <= 14; ++turn)
            write_and_deliver((who + turn) % 2);
    }
    /// All that is still under way arrives.
    void drain() {
        for (const std::size_t who : {0U, 1U}) {
            while (!disks_[who].outbox.empty())
                transmit(who);
            while (!network_[1 - who].empty())
                take(1 - who, 0);
        }
    }

    /// Promises that were broken; each one fails the test, or pleases the canary.
    [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }
    [[nodiscard]] std::size_t messages_read() const {
        return disks_[0].texts.size() + disks_[1].texts.size();
    }
    struct Counts {
        std::array<std::uint64_t, static_cast<std::size_t>(Point::count)> deaths{};
        std::uint64_t gaps_refused = 0;
        std::uint64_t evicted = 0;
        std::uint64_t prepared = 0;
        void add(const World& world) {
            for (std::size_t i = 0; i < deaths.size(); ++i)
                deaths[i] += world.counts_.deaths[i];
            gaps_refused += world.counts_.gaps_refused;
            prepared += world.counts_.prepared;
            for (const Disk& disk : world.disks_)
                evicted += disk.ledger.evicted();
        }
    };

private:
    std::uint32_t draw(std::uint32_t below) {
        const auto bytes = random_.array<4>();
        Reader in(bytes);
        return in.u32() % below;
    }
    /// The process dies here: all that is not on disk is gone.
    [[nodiscard]] bool dies(Point point) {
        if (draw(100) != 0) return false;
        ++counts_.deaths[static_cast<std::size_t>(point)];
        return true;
    }
    void breaks(const std::string& what, const Letter& letter) {
        broken_.push_back(what + ": " + letter.id + ", chain " +
                          std::to_string(letter.place.chain) + " message " +
                          std::to_string(letter.place.n));
    }
    [[nodiscard]] static Twin load(const Disk& disk) {
        auto real = Ratchet::deserialise(disk.session);
        ensure(real.has_value(), "stored session");
        return {.real = *std::move(real), .model = disk.model};
    }
    [[nodiscard]] static Transaction::Statement save(const Twin& twin,
                                                     const MessageLedger& ledger) {
        return [session = twin.real.serialise(), model = twin.model, ledger](Disk& disk) {
            disk.session = session;
            disk.model = model;
            disk.ledger = ledger;
        };
    }

    void write(std::size_t who) {
        Disk& disk = disks_[who];
        Twin twin = load(disk);
        MessageLedger ledger = disk.ledger;
        if (dies(Point::loaded)) return;
        const std::string id = std::to_string(who) + ":" + std::to_string(count_++);
        const auto message = twin.send(as_bytes(id + std::string(draw(500), '.')), random_);
        if (!message) return;  // a responder that has nothing received
        const Letter letter{.bytes = *message,
                            .place = ledger.next(),
                            .id = id,
                            .key = copy(twin.model.last_message_key().view())};
        if (dies(Point::encrypted)) return;  // never seen: the key may be used for another
        Transaction transaction(disk, options_.one_by_one);
        transaction.add([&](Disk& to) { to.outbox.push_back(letter); });
        if (dies(Point::outbox_row)) return;
        transaction.add(save(twin, ledger));
        if (dies(Point::sending_state)) return;
        transaction.commit();
        if (dies(Point::send_committed)) return;  // transmit() sends the same bytes
        transmit(who);
    }

    void transmit(std::size_t who) {
        auto& outbox = disks_[who].outbox;
        while (!outbox.empty()) {
            const Letter& letter = outbox.front();
            const auto [used, fresh] = used_.emplace(letter.key, letter.bytes);
            if (!fresh && used->second != letter.bytes)
                breaks("a message key encrypted twice", letter);
            network_[1 - who].push_back(letter);
            if (dies(Point::handed_over)) return;  // sent, but not noted: it is sent again
            outbox.pop_front();
        }
    }

    void take_one_of(std::size_t who) {
        auto& inbox = network_[who];
        if (inbox.empty()) return;
        const std::size_t window =
            draw(20) == 0 ? inbox.size() : std::min<std::size_t>(8, inbox.size());
        take(who, draw(static_cast<std::uint32_t>(window)));
    }

    void take(std::size_t who, std::size_t at) {
        const Letter letter = network_[who][at];
        if (!receive(who, letter) || draw(20) == 0) return;  // it comes again, or twice
        network_[who].erase(network_[who].begin() + static_cast<std::ptrdiff_t>(at));
    }
    /// False when the process died before it could acknowledge.
    [[nodiscard]] bool receive(std::size_t who, const Letter& letter) {
        Disk& disk = disks_[who];
        Twin twin = load(disk);
        MessageLedger ledger = disk.ledger;
        if (dies(Point::loaded_for_receiving)) return false;
        const auto content = twin.receive(letter.bytes, now_ms_);
        const bool expected = ledger.takes(letter.place, now_ms_);
        if (ledger.refused_a_gap()) ++counts_.gaps_refused;
        if (content.has_value() != expected) breaks(expected ? "lost" : "not refused", letter);
        if (dies(Point::decrypted)) return false;
        if (!content) return true;
        const std::string text(content->begin(), content->end());
        if (disk.known.contains(letter.id)) breaks("opened twice", letter);
        Transaction transaction(disk, options_.one_by_one);
        transaction.add([&](Disk& to) {
            if (++to.texts[text] > 1) breaks("stored twice", letter);
        });
        if (dies(Point::text_row)) return false;
        transaction.add([&](Disk& to) { to.known.insert(letter.id); });
        if (dies(Point::known_row)) return false;
        if (draw(3) == 0) {  // it was a receipt: the engine makes the next chain in the same turn
            twin.prepare(random_);
            ++counts_.prepared;
        }
        transaction.add(save(twin, ledger));
        if (dies(Point::receiving_state)) return false;
        transaction.commit();
        return !dies(Point::receive_committed);
    }

    void lose(std::size_t who) {
        auto& inbox = network_[who];
        if (!inbox.empty())
            inbox.erase(inbox.begin() + draw(static_cast<std::uint32_t>(inbox.size())));
    }

    void refuse(std::size_t who, const Bytes& bytes) {
        Twin twin = load(disks_[who]);
        EXPECT_FALSE(twin.receive(bytes, now_ms_));
        EXPECT_EQ(twin.real.serialise(), disks_[who].session);
    }
    void damage(std::size_t who) {
        if (network_[who].empty()) return;
        Bytes bytes = network_[who].front().bytes;
        bytes[draw(static_cast<std::uint32_t>(bytes.size()))] ^=
            static_cast<std::uint8_t>(1U << draw(8));
        refuse(who, bytes);
    }
    void reflect(std::size_t who) {
        if (!network_[1 - who].empty()) refuse(who, network_[1 - who].front().bytes);
    }

    void lose_a_burst(std::size_t who, std::uint32_t size) {
        Disk& disk = disks_[who];
        Twin twin = load(disk);
        MessageLedger ledger = disk.ledger;
        for (std::uint32_t i = 0; i < size && twin.send({}, random_); ++i)
            (void)ledger.next();
        save(twin, ledger)(disk);
    }
    void write_and_deliver(std::size_t who) {
        write(who);
        if (!network_[1 - who].empty()) take(1 - who, network_[1 - who].size() - 1);
    }
    SeededRandom random_;
    Options options_;
    std::vector<Disk> disks_;
    std::deque<Letter> network_[2];
    std::map<Bytes, Bytes> used_;  // message keys of ciphertexts that left a process
    std::vector<std::string> broken_;
    std::uint64_t now_ms_ = test::now_ms;
    std::uint64_t count_ = 0;
    Counts counts_;
};

TEST(Attack18RatchetAgainstModel, AHundredThousandStepsWithCrashes) {
    SOTTO_TRACE_SEED();
    std::size_t read = 0;
    World::Counts counts;
    constexpr int sessions = 10;
    constexpr int each = steps / sessions;
    for (int session = 0; session < sessions; ++session) {
        SCOPED_TRACE("session " + std::to_string(session));
        World world(sotto::test::seed() + static_cast<std::uint64_t>(session),
                    {.suite = session % 2 == 0 ? Suite::classical : Suite::hybrid});
        for (int i = 0; i < each && !::testing::Test::HasFailure(); ++i) {
            world.step();
            if (session % 3 == 1 && i == each / 2)
                world.flood(static_cast<std::size_t>(session) % 2);
            // Beyond the limit a direction stays dead: so late, and in two sessions of ten.
            if (session % 5 == 4 && i == each * 9 / 10) world.lose_too_much(session == 4);
        }
        world.drain();
        for (const std::string& what : world.broken())
            ADD_FAILURE() << what;
        read += world.messages_read();
        counts.add(world);
    }
    EXPECT_GT(read, steps / 4U);
    for (std::size_t i = 0; i < counts.deaths.size(); ++i)
        EXPECT_GT(counts.deaths[i], steps / 1000U) << "deaths at point " << i;
    EXPECT_GT(counts.gaps_refused, 100U);
    EXPECT_GT(counts.evicted, 1000U);
    EXPECT_GT(counts.prepared, steps / 20U);
}

// With a store that writes each statement at once the same world must break promises: else the
// deaths between them would show nothing.
TEST(Attack18RatchetAgainstModel, ACanaryWithoutTransactionsIsNoticed) {
    SOTTO_TRACE_SEED();
    World world(sotto::test::seed(), {.suite = Suite::classical, .one_by_one = true});
    for (int i = 0; i < steps / 20; ++i)
        world.step();
    const auto broke = [&](std::string_view what) {
        return std::any_of(world.broken().begin(), world.broken().end(),
                           [&](const std::string& each) { return each.starts_with(what); });
    };
    EXPECT_TRUE(broke("a message key encrypted twice"));
    EXPECT_TRUE(broke("opened twice"));
    EXPECT_TRUE(broke("stored twice"));
}

}  // namespace
}  // namespace sotto::crypto::attack
