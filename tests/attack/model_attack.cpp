// Attack 18: the ratchet against its slow model, 10^5 random steps, with crashes between every two
// things a peer does: nothing decryptable is lost, no message key encrypts twice.
#include <deque>

#include "tests/attack/slow_ratchet.hpp"
#include "tests/attack/support.hpp"
#include "tests/property/seed.hpp"

namespace sotto::crypto::attack {
namespace {

constexpr int steps = 100'000;

/// One peer: a process that may die, and the disk it starts again from.
struct Peer {
    struct Disk {
        SecretBytes session;              // the real one, as bytes
        SlowRatchet model;                // committed with it
        std::deque<Bytes> outbox;         // ciphertexts not yet handed to the network
        std::map<std::string, int> read;  // contents, how often
    };
    Disk disk;

    [[nodiscard]] Twin load() const {
        auto real = Ratchet::deserialise(disk.session);
        ensure(real.has_value(), "stored session");
        return {.real = *std::move(real), .model = disk.model};
    }
    void commit(const Twin& twin) {
        disk.session = twin.real.serialise();
        disk.model = twin.model;
    }
};

class World {
public:
    explicit World(std::uint64_t seed, Suite suite) : random_(seed) {
        const SessionSecrets secrets{.suite = suite,
                                     .sid = SessionId::generate(random_),
                                     .associated_data = random_.array<32>(),
                                     .root = random_.secret<32>(),
                                     .header_key = random_.secret<32>(),
                                     .next_header_key = random_.secret<32>()};
        Twins twins = make_twins(secrets, OwnSpk::generate(random_), random_);
        for (Twin* twin : {&twins.alice, &twins.bob})
            peers_.push_back(Peer{.disk = {twin->real.serialise(), twin->model, {}, {}}});
    }

    void step() {
        now_ms_ += draw(10 * 60 * 1000);  // ten months over all steps: keys expire on the way
        const std::size_t who = draw(2);
        const std::uint32_t what = draw(1000);
        if (what < 380)
            write(who);
        else if (what < 450)
            transmit(who);
        else if (what < 850)
            take(who);
        else if (what < 890)
            lose(who);
        else if (what < 940)
            damage(who);
        else if (what < 990)
            reflect(who);
        else if (what < 991)
            burst(who);
        else
            now_ms_ -= std::min<std::uint64_t>(now_ms_, draw(3'600'000));  // the clock jumps back
    }

    [[nodiscard]] std::size_t messages_read() const {
        return peers_[0].disk.read.size() + peers_[1].disk.read.size();
    }
    [[nodiscard]] std::uint64_t crashes() const { return crashes_; }

private:
    std::uint32_t draw(std::uint32_t below) {
        const auto bytes = random_.array<4>();
        Reader in(bytes);
        return in.u32() % below;
    }
    /// The process dies here: all that is not on disk is gone.
    [[nodiscard]] bool dies() {
        if (draw(100) != 0) return false;
        ++crashes_;
        return true;
    }

    void write(std::size_t who) {
        Peer& peer = peers_[who];
        Twin twin = peer.load();
        if (dies()) return;
        const std::string content =
            std::to_string(who) + ":" + std::to_string(count_++) + std::string(draw(500), '.');
        const auto message = twin.send(as_bytes(content), random_);
        if (!message) return;  // a responder that has nothing received
        if (dies()) return;    // the key may be used again: this ciphertext was never seen
        peer.commit(twin);     // state and outbox in one transaction
        peer.disk.outbox.push_back(*message);
        const auto key = copy(twin.model.last_message_key().view());
        EXPECT_TRUE(used_.insert(key).second) << "a message key encrypted twice";
        if (dies()) return;  // it stays in the outbox; transmit() sends the same bytes
        transmit(who);
    }

    void transmit(std::size_t who) {
        Peer& peer = peers_[who];
        while (!peer.disk.outbox.empty()) {
            network_[1 - who].push_back(peer.disk.outbox.front());
            if (dies()) return;  // sent, but not noted: it is sent again
            peer.disk.outbox.pop_front();
        }
    }

    void take(std::size_t who) {
        auto& inbox = network_[who];
        if (inbox.empty()) return;
        const std::size_t window =
            draw(20) == 0 ? inbox.size() : std::min<std::size_t>(8, inbox.size());
        const std::size_t at = draw(static_cast<std::uint32_t>(window));
        Peer& peer = peers_[who];
        Twin twin = peer.load();
        if (dies()) return;
        const auto content = twin.receive(inbox[at], now_ms_);
        if (dies()) return;  // not acknowledged: it comes again
        if (content) {
            peer.commit(twin);  // state and plaintext in one transaction
            const std::string text(content->begin(), content->end());
            EXPECT_EQ(++peer.disk.read[text], 1) << "read twice";
        }
        if (dies() || draw(20) == 0) return;  // not acknowledged, or delivered twice
        inbox.erase(inbox.begin() + static_cast<std::ptrdiff_t>(at));
    }

    void lose(std::size_t who) {
        auto& inbox = network_[who];
        if (!inbox.empty())
            inbox.erase(inbox.begin() + draw(static_cast<std::uint32_t>(inbox.size())));
    }

    void refuse(std::size_t who, const Bytes& bytes) {
        Twin twin = peers_[who].load();
        EXPECT_FALSE(twin.receive(bytes, now_ms_));
        EXPECT_EQ(twin.real.serialise(), peers_[who].disk.session);
    }
    void damage(std::size_t who) {
        if (network_[who].empty()) return;
        Bytes bytes = network_[who].front();
        bytes[draw(static_cast<std::uint32_t>(bytes.size()))] ^=
            static_cast<std::uint8_t>(1U << draw(8));
        refuse(who, bytes);
    }
    void reflect(std::size_t who) {
        if (!network_[1 - who].empty()) refuse(who, network_[1 - who].front());
    }

    /// Some hundred messages that all get lost: large gaps, full stores.
    void burst(std::size_t who) {
        Peer& peer = peers_[who];
        Twin twin = peer.load();
        const std::uint32_t size = draw(300);
        for (std::uint32_t i = 0; i < size; ++i)
            (void)twin.send({}, random_);
        peer.commit(twin);
    }

    SeededRandom random_;
    std::vector<Peer> peers_;
    std::deque<Bytes> network_[2];
    std::set<Bytes> used_;
    std::uint64_t now_ms_ = test::now_ms;
    std::uint64_t count_ = 0;
    std::uint64_t crashes_ = 0;
};

TEST(Attack18RatchetAgainstModel, AHundredThousandStepsWithCrashes) {
    SOTTO_TRACE_SEED();
    std::size_t read = 0;
    std::uint64_t crashes = 0;
    // Ten sessions: a burst too many ends one for good, in both implementations alike.
    constexpr int sessions = 10;
    for (int session = 0; session < sessions; ++session) {
        SCOPED_TRACE("session " + std::to_string(session));
        World world(sotto::test::seed() + static_cast<std::uint64_t>(session),
                    session % 2 == 0 ? Suite::classical : Suite::hybrid);
        for (int i = 0; i < steps / sessions && !::testing::Test::HasFailure(); ++i)
            world.step();
        read += world.messages_read();
        crashes += world.crashes();
    }
    EXPECT_GT(read, steps / 4U);
    EXPECT_GT(crashes, steps / 100U);
}

}  // namespace
}  // namespace sotto::crypto::attack
