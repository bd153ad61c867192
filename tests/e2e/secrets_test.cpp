// What a thief of disks and a listener on the wire find: not one text, password or private key.
#include "crypto/init.hpp"
#include "crypto/vault_header.hpp"
#include "peer/store/profile.hpp"
#include "tests/e2e/people.hpp"
#include "tests/e2e/recording_proxy.hpp"

#include <fstream>
#include <sstream>

namespace sotto::e2e {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

crypto::ByteView bytes_of(const std::string& text) {
    return crypto::as_bytes(text);
}

struct Secret {
    std::string what;
    std::string bytes;
};

// The forms in which carelessness would write it.
std::vector<Secret> forms_of(const std::string& what, const std::string& bytes) {
    return {{what, bytes},
            {what + " in hex", crypto::to_hex(bytes_of(bytes))},
            {what + " in base64", crypto::to_base64url(bytes_of(bytes))}};
}

void add(std::vector<Secret>& to, const std::string& what, crypto::ByteView bytes) {
    for (auto& form : forms_of(what, std::string(bytes.begin(), bytes.end()))) {
        to.push_back(std::move(form));
    }
}

// Every private key the profile holds, read with the passphrase.
std::vector<Secret> private_keys(const fs::path& folder, const std::string& passphrase) {
    std::vector<Secret> out;
    const std::string header = content_of(folder / "vault.hdr");
    auto vault =
        crypto::open_vault(bytes_of(header), bytes_of(passphrase), crypto::password_cost_limits);
    EXPECT_TRUE(vault);
    add(out, "database key", vault->key.view());
    auto profile = peer::store::Profile::open(folder, bytes_of(passphrase),
                                              peer::store::profile_options_default);
    EXPECT_TRUE(profile);
    const auto snapshot = profile->store().load();
    EXPECT_TRUE(snapshot && snapshot->self);
    // version, account seed 32, DSK seed 32, DIK secret 32, ... (peer/engine/account.cpp)
    crypto::Reader keys(snapshot->self->keys);
    EXPECT_EQ(keys.u8(), 1);
    add(out, "account key", keys.raw(32));
    add(out, "device signing key", keys.raw(32));
    add(out, "device identity key", keys.raw(32));
    for (const auto& prekey : snapshot->prekeys) {
        EXPECT_GE(prekey.secret.size(), 32U);
        add(out, "prekey", crypto::ByteView(prekey.secret).last(32));
        add(out, "prekey", crypto::ByteView(prekey.secret).first(32));
    }
    EXPECT_FALSE(snapshot->sessions.empty());
    return out;
}

class Secrets : public People {
protected:
    void SetUp() override {
        crypto::initialise();  // this process reads profiles, too
        proxy_ = std::make_unique<RecordingProxy>(server.port());
        capture_ = LoopbackCapture::start();
        if (!capture_) {
            std::cerr << "NOTE: no right to capture packets (CAP_NET_RAW): only the connections to "
                         "the server are listened to, not the direct link\n";
        }
        const std::string link = server.link_through(proxy_->port());
        alice.password = "alice's password 7d1f";
        bob.password = "bob's password c0de";
        alice.register_as(link);
        bob.register_as(link);
        befriend(Direct::yes);
        alice.expect({{"event", "path"}, {"peer", "bob"}, {"path", "direct"}});
        for (const auto& text : texts_) {
            expect_state(alice, send(alice, "bob", text), "delivered");
        }
        bob.quit();
        expect_state(alice, send(alice, "bob", mailbox_text_), "with_server");
        bob.start();
        bob.go_online();
        bob.expect({{"event", "message"}, {"text", mailbox_text_}});
        alice.tell({{"command", "search"}, {"query", "rendezvous at"}});  // so the index is used
        alice.expect({{"event", "hits"}});
    }

    std::vector<Secret> texts_and_passwords() const {
        std::vector<Secret> out;
        for (const auto& text : texts_)
            add(out, "a text", bytes_of(text));
        add(out, "the text in the mailbox", bytes_of(mailbox_text_));
        add(out, "Alice's password", bytes_of(alice.password));
        add(out, "Bob's password", bytes_of(bob.password));
        add(out, "the request", bytes_of("Hello Bob, it is Alice."));
        return out;
    }
    static void expect_none(const std::vector<Secret>& secrets, const std::string& in,
                            const std::string& where) {
        for (const auto& secret : secrets) {
            EXPECT_EQ(in.find(secret.bytes), std::string::npos) << secret.what << " in " << where;
        }
    }

    const std::vector<std::string> texts_{"The first secret text 4711 of this test.",
                                          "Rendezvous at the old mill, 21:30, bring the map."};
    const std::string mailbox_text_ = "Kept in the mailbox for a while 8899.";
    std::unique_ptr<RecordingProxy> proxy_;
    std::unique_ptr<LoopbackCapture> capture_;
};

TEST_F(Secrets, are_neither_on_the_wire_nor_in_any_file) {
    std::vector<std::pair<std::string, std::string>> places;
    const auto collect_files = [&](const std::string& when) {
        for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
            if (!entry.is_regular_file()) continue;
            places.emplace_back(when + entry.path().lexically_relative(folder.path()).string(),
                                content_of(entry.path()));
        }
    };
    collect_files("while running: ");
    alice.quit();
    bob.quit();
    EXPECT_EQ(server.stop(), 0);
    collect_files("after the end: ");
    places.emplace_back("the connections to the server", proxy_->recorded());
    if (capture_) places.emplace_back("all loopback packets", capture_->recorded());
    for (JsonClient* client : {&alice, &bob}) {
        places.emplace_back(client->name() + "'s stderr", client->process().errors());
    }

    // The search can find things: what may be there is there.
    std::string everything;
    for (const auto& [where, content] : places)
        everything += content;
    EXPECT_NE(proxy_->recorded().find("CURVE"), std::string::npos);
    EXPECT_NE(everything.find("alice"), std::string::npos);  // the server's list of names
    EXPECT_TRUE(!capture_ || capture_->recorded().find("CURVE") != std::string::npos);

    auto secrets = texts_and_passwords();
    for (JsonClient* client : {&alice, &bob}) {
        for (auto& key : private_keys(client->profile(), client->password)) {
            secrets.push_back(std::move(key));
        }
    }
    for (const auto& [where, content] : places)
        expect_none(secrets, content, where);
}

TEST_F(Secrets, the_database_opens_with_its_key_only) {
    alice.quit();
    const fs::path file = alice.profile() / "history.db";
    EXPECT_FALSE(content_of(file).starts_with("SQLite format 3"));
    crypto::SystemRandom random;
    const auto wrong =
        peer::store::Database::open(file, crypto::DatabaseKey::generate(random),
                                    {.mode = peer::store::Database::Mode::read_only,
                                     .durability = peer::store::Database::Durability::every_commit,
                                     .cache_kib = 2048,
                                     .log_room_pages = 0});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), peer::store::StoreError::wrong_key);
}

TEST_F(Secrets, files_are_for_their_owner_alone) {
    for (const auto* client : {&alice, &bob}) {
        for (const auto& entry : fs::recursive_directory_iterator(client->profile())) {
            const auto others =
                entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all);
            EXPECT_EQ(others, fs::perms::none) << entry.path();
        }
    }
}

}  // namespace
}  // namespace sotto::e2e
