// The operator's requests as the server understands them: one JSON object in, one out.
//
// The same code answers over the admin socket of a running server and, without one, for a command
// that works on a stopped server's folder. Pure: it turns a request into one batch for the store,
// and the batch's results into a reply. A request is bounded and strictly read; a reply says "ok"
// and either what was asked for or a sentence in "error".
#pragma once

#include "crypto/random.hpp"
#include "rendezvous/figures.hpp"

#include <nlohmann/json.hpp>

#include <variant>

namespace sotto::rendezvous {

using Json = nlohmann::json;

inline constexpr std::size_t admin_request_max_bytes = 4096;
inline constexpr std::size_t invite_note_max_bytes = 100;
// Of an invite's hash: what "invite list" shows, and the least "invite revoke" takes.
inline constexpr std::size_t invite_id_bytes = 5;

struct AdminJob {
    std::string verb;
    std::vector<ops::Op> batch;
    Json reply;  // what is known before the store answers
};

class AdminDesk {
public:
    // `link`: the server's own, to which an invite's token is added.
    AdminDesk(std::string link, crypto::RandomSource& random)
        : link_(std::move(link)), random_(random) {}

    // What to ask the store, or a reply that is complete already (a refusal). `figures`: nullptr
    // when no server runs.
    [[nodiscard]] std::variant<AdminJob, Json> begin(std::string_view request, std::uint64_t now_ms,
                                                     const ServerFigures* figures) const;
    [[nodiscard]] static Json finish(AdminJob& job, const StoreDone& done);
    // The account whose sessions have to end now.
    [[nodiscard]] static std::optional<AccountId> closed_by(const AdminJob& job,
                                                            const StoreDone& done);

private:
    [[nodiscard]] std::variant<AdminJob, Json> create_invite(const Json& request,
                                                             std::uint64_t now_ms) const;

    std::string link_;
    crypto::RandomSource& random_;
};

[[nodiscard]] Json to_json(const ServerFigures& figures);
[[nodiscard]] Json refusal(std::string sentence);

}  // namespace sotto::rendezvous
