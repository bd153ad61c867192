#include "peer/engine/requests.hpp"

#include "peer/engine/limits.hpp"

namespace sotto::peer::engine {

void Requests::ask(Turn& turn, ServerChannel channel, rendezvous::Request request,
                   Purpose purpose) {
    const rendezvous::RequestId id = next_id_;
    next_id_ = next_id_ == ~rendezvous::RequestId{0} ? 1 : next_id_ + 1;
    turn.send(SendToServer{.channel = channel,
                           .frame = encode(rendezvous::RequestFrame{id, std::move(request)})});
    if (std::holds_alternative<ForPut>(purpose)) ++puts_;
    const Instant deadline = turn.after(request_timeout_ms);
    pending_.insert_or_assign(id, Pending{channel, deadline, std::move(purpose)});
    timers_.set_by(timer(TimerKind::request), deadline);
}

bool Requests::full() const {
    return pending_.size() >= requests_in_flight_max;
}

Answer Requests::take(std::map<rendezvous::RequestId, Pending>::iterator at) {
    Answer answer{at->second.channel, std::move(at->second.purpose), std::nullopt};
    if (std::holds_alternative<ForPut>(answer.purpose)) --puts_;
    pending_.erase(at);
    return answer;
}

std::optional<Answer> Requests::match(ServerChannel channel, rendezvous::ReplyFrame frame) {
    const auto at = pending_.find(frame.id);
    if (at == pending_.end() || at->second.channel != channel) return std::nullopt;
    Answer answer = take(at);
    answer.reply = std::move(frame.reply);
    return answer;
}

std::vector<Answer> Requests::give_up(ServerChannel channel) {
    std::vector<Answer> answers;
    for (auto at = pending_.begin(); at != pending_.end();) {
        const auto next = std::next(at);
        if (at->second.channel == channel) answers.push_back(take(at));
        at = next;
    }
    return answers;
}

std::vector<Answer> Requests::expired(Instant now) {
    std::vector<Answer> answers;
    std::optional<Instant> earliest;
    for (auto at = pending_.begin(); at != pending_.end();) {
        const auto next = std::next(at);
        if (at->second.deadline <= now) {
            answers.push_back(take(at));
        } else if (!earliest || at->second.deadline < *earliest) {
            earliest = at->second.deadline;
        }
        at = next;
    }
    if (earliest) timers_.set(timer(TimerKind::request), *earliest);
    return answers;
}

}  // namespace sotto::peer::engine
