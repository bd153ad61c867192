// Two contacts, and a hand that signs device lists with the account key of one of them.
#pragma once

#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

#include <algorithm>

namespace sotto::peer::engine {

inline constexpr std::uint64_t test_month_ms = 31 * crypto::day_ms;

struct Device {
    crypto::OwnDsk dsk;
    crypto::OwnDik dik;
    crypto::Cert cert;
};

class Lists : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    crypto::SeededRandom random{8};

    Lists() {
        introduce(alice, bob);
        (void)bob.take(alice.encrypt(bob, wire::Text{"hello"}, 1));
        (void)alice.take(bob.encrypt(alice, wire::Text{"hi"}, 1));
        agree_on_time();
    }
    // The rendezvous says this clock is right, or wrong by `off_ms`.
    void agree_on_time(std::uint64_t off_ms = 0) {
        auto t = alice.turn();
        const std::uint64_t theirs = t.now.wall.ms + off_ms;
        (void)alice.core().server.answered(
            t, {ServerChannel::session, ForPing{}, rendezvous::Pong{.server_time_ms = theirs}});
        alice.finish(t);
    }
    void pass(std::uint64_t ms) {
        alice.pass(ms);
        bob.pass(ms);
    }
    [[nodiscard]] ContactRecord& record() { return *alice.core().contacts.find(bob.id()); }
    [[nodiscard]] const Identity& identity(Party& party) { return party.core().account.identity(); }
    [[nodiscard]] std::size_t told(std::string_view notice) {
        const auto& messages = alice.store().disk().messages;
        return static_cast<std::size_t>(
            std::count_if(messages.begin(), messages.end(), [&](const auto& item) {
                return item.second.message.text == "notice:" + std::string(notice);
            }));
    }
    // From bob, with these marks.
    Party::Taken hear(const crypto::GossipMark& own, const crypto::GossipMark& peer,
                      wire::Body body = wire::Typing{}) {
        auto envelope = bob.envelope(alice, std::move(body));
        envelope.own_list = own;
        envelope.peer_list = peer;
        return alice.take(bob.encrypt(alice, envelope));
    }
    Party::Taken hear_of_ours(const crypto::GossipMark& peer, wire::Body body = wire::Typing{}) {
        return hear(bob.core().account.gossip(), peer, std::move(body));
    }
    void renew(Party& party) {
        auto t = party.turn();
        const std::uint64_t before = identity(party).list.seq();
        party.core().account.renew_list(t);
        EXPECT_EQ(identity(party).list.seq(), before + 1);
        party.finish(t);
    }
    // The answer to a fetch of bob's keys.
    Outputs fetched(const rendezvous::Bundle& bundle, Bundles::Need need = Bundles::Need::keys) {
        auto t = alice.turn();
        alice.core().bundles.want(t, bob.id(), need);
        alice.core().hand_out(t,
                              {ServerChannel::anonymous, ForBundle{.account = bob.id()}, bundle});
        return alice.finish(t);
    }
    [[nodiscard]] rendezvous::Bundle bundle_with(const crypto::DevList& list) {
        auto bundle = bob.bundle(false);
        bundle.device_list = Bytes(list.encoded().begin(), list.encoded().end());
        return bundle;
    }
    [[nodiscard]] Device make_device() {
        const auto dsk = crypto::OwnDsk::generate(random);
        const auto dik = crypto::OwnDik::generate(random);
        return {dsk, dik,
                crypto::Cert::create(identity(bob).account_key, dsk,
                                     {.device = DeviceId::generate(random),
                                      .dik = dik.public_key(),
                                      .suites = crypto::SuiteSet::of_this_build(),
                                      .min_suite = 1,
                                      .created_ms = test_wall_ms})};
    }
    // The list after bob's, with these devices.
    [[nodiscard]] crypto::DevList list_of(const std::vector<crypto::Cert>& certs) {
        std::vector<crypto::DevListEntry> entries;
        for (const crypto::Cert& cert : certs) {
            entries.push_back(
                {.device = cert.device(), .cert = cert.hash(), .primary = entries.empty()});
        }
        std::sort(entries.begin(), entries.end(),
                  [](const auto& a, const auto& b) { return a.device < b.device; });
        return crypto::DevList::successor(identity(bob).account_key, identity(bob).list, entries,
                                          test_wall_ms);
    }
    // Another list of the number bob's has.
    [[nodiscard]] crypto::DevList fork_of_bobs() {
        return crypto::DevList::first(identity(bob).account_key, identity(bob).list.entries(),
                                      test_wall_ms + 1);
    }
    [[nodiscard]] Outputs adopt(const crypto::DevList& list) {
        auto t = alice.turn();
        EXPECT_TRUE(alice.core().contacts.adopt(record(), list));
        alice.core().contacts.touch(record());
        return alice.finish(t);
    }
    // A new session of one of bob's devices, with this list and this text.
    Encrypted handshake(const crypto::OwnIdentity& from, const std::string& text,
                        std::uint64_t seq = 1) {
        const auto bundle = alice.bundle(false);
        const auto cert = crypto::Cert::decode(bundle.devices[0].cert).value();
        const std::uint64_t now_ms = test_wall_ms;
        auto started = crypto::initiate(
            from,
            {.dev_list = crypto::DevList::decode(bundle.device_list).value(),
             .cert = cert,
             .prerec = crypto::PreRec::decode(bundle.devices[0].prekeys, cert).value(),
             .one_time = {}},
            {.account = alice.id(), .dev_list = {}, .floor = {}}, now_ms, random);
        auto envelope = bob.envelope(alice, wire::Text{text}, seq);
        envelope.own_list = crypto::gossip_of(crypto::mark_of(from.dev_list));
        const auto message = started->ratchet.encrypt(encode(envelope), random);
        return {.kind = crypto::SealedKind::init,
                .session = started->ratchet.sid(),
                .payload = crypto::make_init_message(started->init_prefix, *message)};
    }
};

}  // namespace sotto::peer::engine
