#include "peer/cli/json_commands.hpp"

#include "tests/unit/cli/support.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::cli {
namespace {

AddressBook book_with_bob() {
    AddressBook book;
    book.apply(Opened{
        .self = test::self("alice", true),
        .contacts = {test::contact(1, "bob"), test::contact(2, "twin"), test::contact(3, "twin")},
        .conversations = {}});
    return book;
}

auto parse(const std::string& line) {
    return parse_command(crypto::as_bytes(line), book_with_bob());
}

// The parsed command of that type; a failure and nothing when it is another or was refused.
template <class Wanted>
std::optional<Wanted> command(const std::string& line) {
    auto parsed = parse(line);
    if (const auto* refused = std::get_if<CommandRefused>(&parsed)) {
        ADD_FAILURE() << line << ": " << refused->code << ", " << refused->message;
        return std::nullopt;
    }
    auto* out = std::get_if<Command>(&std::get<ParsedCommand>(parsed).request);
    auto* wanted = out == nullptr ? nullptr : std::get_if<Wanted>(out);
    if (wanted == nullptr) {
        ADD_FAILURE() << line << " became another command";
        return std::nullopt;
    }
    return std::move(*wanted);
}

std::string code_of(const std::string& line) {
    const auto parsed = parse(line);
    const auto* refused = std::get_if<CommandRefused>(&parsed);
    return refused == nullptr ? "accepted" : refused->code;
}

TEST(JsonCommands, registers) {
    const std::string link = to_link(test::server());
    auto out = command<Register>(R"({"command":"register","server":")" + link +
                                 R"(","username":"alice","password":"s3cret"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->server, test::server());
    EXPECT_EQ(out->username, "alice");
    EXPECT_EQ(std::string(out->password.begin(), out->password.end()), "s3cret");
    EXPECT_EQ(out->vault_passphrase, out->password);
    EXPECT_TRUE(out->listed);
    out = command<Register>(
        R"({"command":"register","server":")" + link +
        R"(","username":"alice","password":"a","passphrase":"b","listed":false})");
    ASSERT_TRUE(out);
    EXPECT_NE(out->vault_passphrase, out->password);
    EXPECT_FALSE(out->listed);
}

TEST(JsonCommands, names_become_accounts) {
    const auto by_name = command<SendText>(R"({"command":"send","to":"bob","text":"hi"})");
    ASSERT_TRUE(by_name);
    EXPECT_EQ(by_name->to, test::account(1));
    const auto by_hex = command<SendText>(R"({"command":"send","text":"hi","to":")" +
                                          crypto::to_hex(test::account(5).view()) + "\"}");
    ASSERT_TRUE(by_hex);
    EXPECT_EQ(by_hex->to, test::account(5));
    EXPECT_EQ(code_of(R"({"command":"send","to":"nobody","text":"hi"})"), "no_such_name");
    EXPECT_EQ(code_of(R"({"command":"send","to":"twin","text":"hi"})"), "no_such_name");
}

TEST(JsonCommands, the_rest) {
    EXPECT_TRUE(command<Unlock>(R"({"command":"unlock","passphrase":"x"})"));
    EXPECT_TRUE(command<Lock>(R"({"command":"lock"})"));
    const auto change =
        command<ChangeAccountPassword>(R"({"command":"change_password","old":"a","new":"b"})");
    ASSERT_TRUE(change);
    EXPECT_FALSE(change->also_passphrase);
    EXPECT_TRUE(command<ChangeAccountPassword>(
                    R"({"command":"change_password","old":"a","new":"b","passphrase":true})")
                    ->also_passphrase);
    EXPECT_EQ(command<CheckPassword>(R"({"command":"check_password","password":"x"})")->username,
              "alice");
    const auto request = command<SendContactRequest>(
        R"({"command":"contact_request","to":"carol","text":"hello","direct":true})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->username, "carol");
    EXPECT_TRUE(request->allow_direct);
    EXPECT_TRUE(
        command<AcceptContact>(R"({"command":"accept","from":"bob","direct":true})")->allow_direct);
    EXPECT_FALSE(command<AcceptContact>(R"({"command":"accept","from":"bob"})")->allow_direct);
    EXPECT_EQ(command<IgnoreContact>(R"({"command":"ignore","from":"bob"})")->account,
              test::account(1));
    EXPECT_EQ(command<BlockContact>(R"({"command":"block","peer":"bob"})")->account,
              test::account(1));
    EXPECT_FALSE(command<SetAllowDirect>(R"({"command":"direct","peer":"bob","allow":false})")
                     ->allow_direct);
    EXPECT_TRUE(command<VerifyContact>(R"({"command":"verify","peer":"bob"})")->verified);
    EXPECT_FALSE(
        command<VerifyContact>(R"({"command":"verify","peer":"bob","verified":false})")->verified);
    const auto key = command<AcceptKey>(R"({"command":"accept_key","peer":"bob","key":")" +
                                        crypto::to_hex(test::account(5).view()) + "\"}");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->account, test::account(1));
    EXPECT_EQ(key->key, test::account(5));
    EXPECT_FALSE(key->although_verified);
    EXPECT_EQ(code_of(R"({"command":"accept_key","peer":"bob","key":"bob"})"), "bad_field");
    EXPECT_EQ(code_of(R"({"command":"safety_number","peer":"bob"})"), "accepted");
    EXPECT_EQ(code_of(R"({"command":"safety_number","peer":"nobody"})"), "no_such_name");
    EXPECT_EQ(command<MarkRead>(R"({"command":"read","peer":"bob","row":7})")->row, 7U);
    const auto page =
        command<LoadHistory>(R"({"command":"history","peer":"bob","before":9,"limit":3})");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->before_row, 9U);
    EXPECT_EQ(page->limit, 3U);
    EXPECT_EQ(command<SearchHistory>(R"({"command":"search","query":"x","peer":"bob"})")->peer,
              test::account(1));
    EXPECT_EQ(command<SearchDirectory>(R"({"command":"directory","query":"al"})")->query, "al");
    EXPECT_FALSE(command<SetListed>(R"({"command":"listed","listed":false})")->listed);
    EXPECT_FALSE(command<SetHoldNewDevices>(R"({"command":"hold_devices","hold":false})")->hold);
    EXPECT_EQ(command<AllowDevices>(R"({"command":"allow_devices","peer":"bob"})")->account,
              test::account(1));
    EXPECT_TRUE(command<SettleOwnList>(R"({"command":"settle_own_list"})"));
    EXPECT_FALSE(command<SetReadReceipts>(R"({"command":"read_receipts","on":false})")->on);
    EXPECT_TRUE(command<SetReadReceipts>(R"({"command":"read_receipts","on":true})")->on);
    // What it should be is said, not guessed.
    EXPECT_EQ(code_of(R"({"command":"read_receipts"})"), "bad_field");
    EXPECT_EQ(code_of(R"({"command":"read_receipts","on":"no"})"), "bad_field");
    EXPECT_TRUE(command<SetTyping>(R"({"command":"typing","peer":"bob"})")->typing);
    EXPECT_EQ(command<RestartSession>(R"({"command":"restart_session","peer":"bob"})")->account,
              test::account(1));
    const auto retry = command<RetryMessage>(
        R"({"command":"retry","message":"000102030405060708090a0b0c0d0e0f"})");
    ASSERT_TRUE(retry);
    EXPECT_EQ(retry->id.bytes[15], 15);
}

TEST(JsonCommands, echoes_numbers_and_short_words) {
    const auto parsed = parse(R"({"command":"status","id":"a-1"})");
    ASSERT_TRUE(std::holds_alternative<ParsedCommand>(parsed));
    EXPECT_EQ(std::get<ParsedCommand>(parsed).id, "a-1");
    EXPECT_EQ(std::get<ParsedCommand>(parse(R"({"command":"status","id":-3})")).id, -3);
    EXPECT_EQ(code_of(R"({"command":"status","id":[1]})"), "bad_json");
    EXPECT_EQ(code_of(R"({"command":"status","id":")" + std::string(65, 'x') + "\"}"), "bad_json");
    const auto refused = parse(R"({"command":"send","id":5,"to":"bob"})");
    ASSERT_TRUE(std::holds_alternative<CommandRefused>(refused));
    EXPECT_EQ(std::get<CommandRefused>(refused).id, 5);
    EXPECT_EQ(std::get<CommandRefused>(refused).name, "send");
}

TEST(JsonCommands, refuses_everything_else) {
    for (const std::string line :
         {"", " ", "null", "[]", "42", "\"send\"", "{", "{}}", "{\"command\":\"lock\"} x",
          "{\"command\":\"lock\",}", "{command:\"lock\"}", "{'command':'lock'}",
          "{\"command\":\"lock\"}{\"command\":\"lock\"}",
          "{\"command\":\"lock\",\"command\":\"quit\"}",  // which one?
          "{\"command\":\"send\",\"to\":\"bob\",\"text\":\"\xff\"}",
          "{\"command\":\"send\",\"to\":\"bob\",\"text\":\"\xc0\xaf\"}",
          "{\"command\":\"send\",\"to\":\"bob\",\"text\":\"\\ud800\"}"}) {
        EXPECT_EQ(code_of(line), "bad_json") << line;
    }
    EXPECT_EQ(code_of(std::string("{\"command\":\"lock\"}\0", 19)), "bad_json");
    EXPECT_EQ(code_of(std::string(100'000, '[')), "bad_json");
    for (const std::string line : {"{}", R"({"command":"launch"})", R"({"command":7})",
                                   R"({"command":"Lock"})", R"({"Command":"lock"})"}) {
        EXPECT_EQ(code_of(line), "unknown_command") << line;
    }
    for (const std::string line :
         {R"({"command":"lock","force":true})", R"({"command":"send","to":"bob"})",
          R"({"command":"send","to":"bob","text":5})", R"({"command":"send","text":"x"})",
          R"({"command":"send","to":["bob"],"text":"x"})",
          R"({"command":"read","peer":"bob","row":-1})",
          R"({"command":"read","peer":"bob","row":1.5})",
          R"({"command":"read","peer":"bob","row":"1"})",
          R"({"command":"accept","from":"bob","direct":1})",
          R"({"command":"register","server":"http://x","username":"a","password":"b"})",
          R"({"command":"unlock"})", R"({"command":"retry","message":"00"})",
          R"({"command":"search","query":"x","peer":"nobody"})"}) {
        EXPECT_EQ(code_of(line), "bad_field") << line;
    }
}

TEST(JsonCommands, an_error_never_quotes_a_value) {
    const auto parsed = parse(R"({"command":"unlock","passphrase":["hunter2"]})");
    ASSERT_TRUE(std::holds_alternative<CommandRefused>(parsed));
    EXPECT_EQ(std::get<CommandRefused>(parsed).message.find("hunter2"), std::string::npos);
}

TEST(JsonCommands, every_listed_name_is_a_command) {
    for (const auto name : command_names()) {
        EXPECT_NE(code_of("{\"command\":\"" + std::string(name) + "\"}"), "unknown_command")
            << name;
    }
}

}  // namespace
}  // namespace sotto::peer::cli
