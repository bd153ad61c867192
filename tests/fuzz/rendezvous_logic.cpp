#include "tests/fuzz/rendezvous_logic.hpp"

namespace sotto::fuzz {

using namespace rendezvous;
using namespace rendezvous::testing;

namespace {

Person person_of(std::uint64_t seed, std::string name) {
    const Ready ready;
    crypto::SeededRandom random(seed);
    return Person::make(random, std::move(name));
}

ops::CreateAccount account_of(const Person& person) {
    return {.account = person.account(),
            .username = person.username,
            .login_key = person.login_key.public_key(),
            .device = person.device(),
            .dsk = person.dsk.public_key(),
            .cert = to_bytes(person.cert.encoded()),
            .device_list = to_bytes(person.list.encoded()),
            .list_seq = 1,
            .listed = true,
            .visibility = Visibility::members,
            .invite = std::nullopt,
            .invite_required = false,
            .now_ms = start_ms};
}

Settings small_settings() {
    Settings settings;
    settings.community = Community::open;
    settings.rates = default_rates(10'000);  // otherwise a script ends at the first limit
    settings.max_clients = 10;
    return settings;
}

}  // namespace

const Person& LogicRun::anna() {
    static const Person person = person_of(82, "anna");
    return person;
}
const Person& LogicRun::bob() {
    static const Person person = person_of(83, "bob");
    return person;
}

LogicRun::LogicRun()
    : server_key_(crypto::OwnCurve::generate(random_).public_key()),
      logic_(small_settings(), server_key_, random_) {
    for (int i = 0; i < 3; ++i) {
        users_.push_back(crypto::OwnCurve::generate(random_).public_key());
        feed(ClientConnected{users_.back(), std::nullopt, "192.0.2.7:40000"});
    }
    std::vector<StoreRequest> accounts(2);
    accounts[0].batch.emplace_back(account_of(anna()));
    accounts[1].batch.emplace_back(account_of(bob()));
    store_.submit(std::move(accounts));
    (void)store_.collect();
    log_in(users_[0], anna());
    log_in(users_[1], bob());
}

void LogicRun::log_in(const UserId& user, const Person& person) {
    const Bytes32 cnonce{1};
    const auto send = [&](Request request) {
        feed(ClientFrame{user, encode(RequestFrame{1, std::move(request)})});
        collect();
    };
    send(ChallengeRequest{crypto::LoginPurpose::login, person.subject(), cnonce});
    const auto challenge = std::get<Challenge>(last_.value());
    send(device_login(person,
                      context_of(server_key_, user, crypto::LoginPurpose::login, cnonce, challenge),
                      proof_of(cnonce, challenge)));
    ensure(std::holds_alternative<LoggedIn>(last_.value()), "both are in");
}

void LogicRun::run(ByteView script) {
    while (script.size() >= 3) {
        const std::size_t size = script[1] + 256U * script[2];
        if (script.size() < 3 + size) return;
        take(static_cast<Step>(script[0] % step_kinds), script.subspan(3, size));
        script = script.subspan(3 + size);
    }
    collect();
    // Whatever was sent: it still serves, and everybody can leave.
    now_.mono_ms += 3'600'000;
    feed(Tick{});
    for (const UserId& user : users_)
        feed(ClientGone{user});
    collect();
    ensure(logic_.client_count() == 0 && logic_.online_count() == 0, "all have left");
}

const UserId& LogicRun::who(ByteView bytes) const {
    return users_[bytes.empty() ? 0 : bytes[0] % users_.size()];
}

void LogicRun::take(Step step, ByteView bytes) {
    switch (step) {
        case Step::frame_of_anna:
        case Step::frame_of_bob:
        case Step::frame_of_stranger:
            feed(ClientFrame{users_[static_cast<std::size_t>(step)], to_bytes(bytes)});
            break;
        case Step::connect:
            feed(ClientConnected{who(bytes), std::nullopt, "192.0.2.8:1"});
            break;
        case Step::leave:
            feed(ClientGone{who(bytes)});
            break;
        case Step::wait: {
            const std::uint64_t tenths = bytes.size() < 2 ? 1 : bytes[0] + 256U * bytes[1];
            now_.mono_ms += tenths * 100;
            now_.wall_ms += tenths * 100;
            feed(Tick{});
            break;
        }
        case Step::hint:
            feed(MailHint{anna().address()});
            break;
        case Step::hold:
            return;
    }
    if (!bytes.empty() && bytes.back() == static_cast<std::uint8_t>(Step::hold)) return;
    collect();
}

void LogicRun::feed(Input input) {
    carry_out(logic_.step(now_, random_, std::move(input)));
    ensure(logic_.client_count() <= users_.size(), "clients nobody knows");
}

void LogicRun::collect() {
    while (true) {
        auto done = store_.collect();
        if (done.empty()) return;
        for (StoreDone& each : done)
            feed(std::move(each));
    }
}

void LogicRun::carry_out(Outputs outputs) {
    for (Output& output : outputs) {
        if (const auto* frame = std::get_if<SendFrame>(&output)) {
            auto reply = decode_reply(frame->bytes);
            ensure(reply.has_value(), "the server sent what no client reads");
            last_ = std::move(reply->reply);
        } else if (auto* request = std::get_if<StoreRequest>(&output)) {
            std::vector<StoreRequest> one;
            one.push_back(std::move(*request));
            store_.submit(std::move(one));
        }
    }
}

}  // namespace sotto::fuzz
