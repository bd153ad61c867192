#include "tests/support/sim_town.hpp"

namespace sotto::sim {

using namespace peer;

Options Town::calm() {
    Options options;
    options.seed = 7;
    options.turn_delay_max_ms = 0;
    options.delay_min_ms = 5;
    options.delay_max_ms = 5;
    options.store_delay_max_ms = 0;
    return options;
}

Town::Town(std::size_t peers, Options options)
    : options_(options),
      dice_(options.seed),
      network_(schedule_, dice_, options_),
      server_(schedule_, dice_, options_, network_) {
    network_.attach(server_);
    const ServerAddress address{.host = "rendezvous.example", .port = 7313, .key = server_.key()};
    server_.start();
    for (std::size_t i = 0; i < peers; ++i) {
        peers_.push_back(
            std::make_unique<SimPeer>(schedule_, dice_, options_, network_, address, i));
        peers_.back()->start();
        crypto::SeededRandom password(i);
        peers_.back()->command(RegisterAccount{.username = "peer" + std::to_string(i),
                                               .login_key = crypto::OwnLk::generate(password)});
    }
    run_for(2'000);
}

AccountId Town::account(PeerIndex index) const {
    const auto account = peers_[index]->account();
    crypto::ensure(account.has_value(), "the peer has registered");
    return *account;
}

void Town::ask(PeerIndex from, PeerIndex to, bool direct) {
    peers_[from]->command(SendContactRequest{.username = peers_[to]->name(),
                                             .account = std::nullopt,
                                             .text = "may I?",
                                             .allow_direct = direct});
}

void Town::accept(PeerIndex who, PeerIndex whom, bool direct) {
    peers_[who]->command(AcceptContact{.account = account(whom), .allow_direct = direct});
}

void Town::befriend(PeerIndex a, PeerIndex b, bool direct) {
    ask(a, b, direct);
    run_for(2'000);
    accept(b, a, direct);
    run_for(10'000);
}

void Town::write(PeerIndex from, PeerIndex to, const std::string& text) {
    peers_[from]->command(SendText{.to = account(to), .text = text});
}

void Town::read_all(PeerIndex reader, PeerIndex writer) {
    std::uint64_t last = 0;
    for (const auto& [row, stored] : peers_[reader]->disk().messages) {
        if (!stored.message.outgoing && stored.message.peer == account(writer)) last = row;
    }
    peers_[reader]->command(MarkRead{.peer = account(writer), .row = last});
}

const Contact* Town::contact(PeerIndex of, PeerIndex with) const {
    const auto& contacts = peers_[of]->disk().contacts;
    const auto at = contacts.find(account(with));
    return at == contacts.end() ? nullptr : &at->second.contact;
}

std::vector<std::string> Town::texts(PeerIndex reader, PeerIndex writer) const {
    std::vector<std::string> texts;
    for (const auto& [row, stored] : peers_[reader]->disk().messages) {
        if (stored.message.outgoing || stored.message.peer != account(writer)) continue;
        if (stored.message.kind == MessageKind::notice) continue;
        texts.push_back(stored.message.text);
    }
    return texts;
}

std::vector<DeliveryState> Town::states(PeerIndex writer, PeerIndex reader) const {
    std::map<std::uint64_t, DeliveryState> by_number;
    for (const auto& [row, stored] : peers_[writer]->disk().messages) {
        if (!stored.message.outgoing || stored.message.peer != account(reader)) continue;
        by_number[stored.sender_seq] = stored.message.state;
    }
    std::vector<DeliveryState> states;
    for (const auto& [number, state] : by_number)
        states.push_back(state);
    return states;
}

bool Town::linked(PeerIndex a, PeerIndex b) const {
    const auto live = peers_[a]->live_contacts();
    const auto at = live.find(account(b));
    return at != live.end() && at->second.path == Path::direct;
}

}  // namespace sotto::sim
