// A `sotto-peer --json` under test: commands in, events out, matched by what a test waits for.
//
// Events that were not waited for are kept, in order, so a test can look back (seen). A test waits
// for an event with these fields; it fails with everything that came instead.
#pragma once

#include "tests/e2e/process.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sotto::e2e {

using Json = nlohmann::json;

class JsonClient {
public:
    JsonClient(std::string name, std::filesystem::path profile);

    // (Re)starts the program on the same profile. Waits for "ready" and the vault's state.
    void start(const std::vector<std::string>& more = {});
    [[nodiscard]] Process& process() { return *process_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::filesystem::path& profile() const { return profile_; }

    // Sends a command; its number as "id" is added.
    int tell(Json command);
    // Sends it and waits for its done (the event) or error (the event, too). What came before the
    // answer is still there for expect().
    Json ask(Json command);

    // The next event, from those not looked at yet, that has all these fields; a failure and null
    // when the program ends or is silent for too long.
    Json expect(const Json& fields);
    // The same for any of several.
    Json expect_any(const std::vector<Json>& alternatives);
    // All events so far that have these fields, looked at or not; reads what lies there, never
    // waits.
    [[nodiscard]] std::vector<Json> seen(const Json& fields);
    [[nodiscard]] static bool has(const Json& event, const Json& fields);

    // --- what every test does -------------------------------------------------------------------
    void register_as(const std::string& server);
    void unlock();
    void go_online();  // unlock and wait for the server
    void quit();

    std::string password = "correct horse battery staple";

private:
    [[nodiscard]] bool read_one();
    // The first event from there on that fits; `from` moves behind it.
    [[nodiscard]] const Json* find(const std::vector<Json>& alternatives, std::size_t& from);

    std::string name_;
    std::filesystem::path profile_;
    std::unique_ptr<Process> process_;
    std::vector<Json> events_;
    std::size_t looked_at_ = 0;
    int last_id_ = 0;
};

}  // namespace sotto::e2e
