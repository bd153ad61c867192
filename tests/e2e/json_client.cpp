#include "tests/e2e/json_client.hpp"

#include <gtest/gtest.h>

namespace sotto::e2e {

JsonClient::JsonClient(std::string name, std::filesystem::path profile)
    : name_(std::move(name)), profile_(std::move(profile)) {}

void JsonClient::start(const std::vector<std::string>& more) {
    // --cheap-vault: new vaults at the lowest accepted cost (64 MiB); login keys cost what they
    // cost.
    std::vector<std::string> arguments{"--profile", profile_.string(), "--json", "--cheap-vault"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    events_.clear();
    looked_at_ = 0;
    process_ = std::make_unique<Process>(program_folder() / "sotto-peer", arguments);
    expect({{"event", "ready"}});
    expect({{"event", "vault"}});
}

int JsonClient::tell(Json command) {
    command["id"] = ++last_id_;
    process_->write(command.dump() + "\n");
    return last_id_;
}

Json JsonClient::ask(Json command) {
    const int id = tell(std::move(command));
    std::size_t at = looked_at_;
    const Json* answer =
        find({{{"event", "done"}, {"id", id}}, {{"event", "error"}, {"id", id}}}, at);
    return answer == nullptr ? Json() : *answer;
}

bool JsonClient::has(const Json& event, const Json& fields) {
    for (const auto& [key, value] : fields.items()) {
        const auto found = event.find(key);
        if (found == event.end() || *found != value) return false;
    }
    return true;
}

bool JsonClient::read_one() {
    const auto line = process_->read_line();
    if (!line) return false;
    Json event = Json::parse(*line, nullptr, false);
    EXPECT_TRUE(event.is_object()) << name_ << " printed: " << *line;
    events_.push_back(std::move(event));
    return true;
}

Json JsonClient::expect_any(const std::vector<Json>& alternatives) {
    const Json* event = find(alternatives, looked_at_);
    return event == nullptr ? Json() : *event;
}

const Json* JsonClient::find(const std::vector<Json>& alternatives, std::size_t& from) {
    do {
        for (; from < events_.size(); ++from) {
            for (const auto& fields : alternatives) {
                if (has(events_[from], fields)) return &events_[from++];
            }
        }
    } while (read_one());
    std::string all;
    for (const auto& event : events_)
        all += "  " + event.dump() + "\n";
    ADD_FAILURE() << name_ << " waited in vain for " << Json(alternatives).dump() << "\n"
                  << all << process_->errors();
    return nullptr;
}

Json JsonClient::expect(const Json& fields) {
    return expect_any({fields});
}

std::vector<Json> JsonClient::seen(const Json& fields) {
    while (const auto line = process_->read_line_now()) {
        events_.push_back(Json::parse(*line, nullptr, false));
    }
    std::vector<Json> out;
    for (const auto& event : events_) {
        if (has(event, fields)) out.push_back(event);
    }
    return out;
}

void JsonClient::register_as(const std::string& server) {
    start();
    const Json answer = ask(
        {{"command", "register"}, {"server", server}, {"username", name_}, {"password", password}});
    ASSERT_TRUE(has(answer, {{"event", "done"}})) << answer.dump();
}

void JsonClient::unlock() {
    const Json answer = ask({{"command", "unlock"}, {"passphrase", password}});
    ASSERT_TRUE(has(answer, {{"event", "done"}})) << answer.dump();
}

void JsonClient::go_online() {
    unlock();
    expect({{"event", "server"}, {"state", "online"}});
}

void JsonClient::quit() {
    tell({{"command", "quit"}});
    EXPECT_EQ(process_->wait(), 0) << name_ << process_->errors();
}

}  // namespace sotto::e2e
