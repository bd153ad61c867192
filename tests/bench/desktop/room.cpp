#include "room.hpp"

#include <SDL.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

#include "crypto/init.hpp"
#include "crypto/result.hpp"
#include "people.hpp"

namespace sotto::bench {
namespace {

using namespace ui::testing;

constexpr std::array<std::string_view, 24> words{
    "the",    "station", "tomorrow", "à",   "bientôt", "coffee",  "already", "nous",
    "really", "train",   "because",  "of",  "letters", "harbour", "with",    "and",
    "demain", "photo",   "meeting",  "you", "evening", "perhaps", "ça",      "🙂"};

// 20 to 380 bytes, 200 on average, the same for the same row.
std::string text_of(std::uint64_t row) {
    std::uint64_t state = row * 0x9E3779B97F4A7C15U + 1;
    const auto draw = [&](std::uint64_t below) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        return state % below;
    };
    const std::size_t size = 20 + draw(361);
    std::string text;
    while (text.size() < size) {
        text += words[draw(words.size())];
        text += ' ';
    }
    return text;
}

double clock_ms(clockid_t clock) {
    timespec now{};
    crypto::ensure(::clock_gettime(clock, &now) == 0, "the clock of CPU time");
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::unique_ptr<ui::Window> open_window(const char* driver, bool fixed_time) {
    crypto::initialise();
    ::setenv("SDL_VIDEODRIVER", driver, 1);
    ui::OpenedWindow opened = ui::Window::open({.width = 1200,
                                                .height = 800,
                                                .theme = ui::ThemeChoice::light,
                                                .scale = 1.0F,
                                                .fixed_time = fixed_time});
    crypto::ensure(opened.window != nullptr, "a window without a display");
    return std::move(opened.window);
}

}  // namespace

double thread_cpu_ms() {
    return clock_ms(CLOCK_THREAD_CPUTIME_ID);
}
double process_cpu_ms() {
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

Room::Room(const RoomOptions& options)
    : options_(options),
      desktop_(ui::Settings{}, ui::Language::english),
      window_(open_window(options.driver, options.fixed_time)),
      newest_(options.messages) {}

void Room::lock() {
    arrived_.emplace_back(peer::VaultChanged{peer::VaultState::locked});
}

void Room::open() {
    std::vector<peer::Contact> contacts;
    std::vector<peer::ConversationSummary> heads;
    for (unsigned i = 1; i <= options_.contacts; ++i) {
        contacts.push_back(contact(i, "person." + std::to_string(i)));
        heads.push_back({.peer = account(i),
                         .last = i == 1 ? numbered(newest_) : message(1, i, text_of(i)),
                         .unread = 0});
    }
    arrived_.emplace_back(opened(std::move(contacts), std::move(heads)));
    arrived_.emplace_back(peer::ServerStateChanged{peer::ServerState::online});
    arrived_.emplace_back(directory({}));
    settle();
}

void Room::enter() {
    desktop_.ui().selected = account(1);
    desktop_.ui().focus_composer = true;
    settle();
}

peer::Message Room::numbered(std::uint64_t row) const {
    return message(row, 1, text_of(row),
                   {.outgoing = row % 3 == 0,
                    .state = peer::DeliveryState::read,
                    .minutes_ago = (newest_ + 1 - row) * 7});
}

void Room::answer(const peer::LoadHistory& asked) {
    const std::uint64_t end = asked.before_row == 0 ? newest_ + 1 : asked.before_row;
    const std::uint64_t begin = end > asked.limit ? end - asked.limit : 1;
    peer::HistoryPage page{
        .peer = asked.peer, .before_row = asked.before_row, .messages = {}, .more = begin > 1};
    for (std::uint64_t row = begin; row < end; ++row)
        page.messages.push_back(numbered(row));
    arrived_.emplace_back(std::move(page));
}

void Room::draw(ui::Kit& kit) {
    for (const peer::ViewChange& change : std::exchange(arrived_, {}))
        desktop_.take(change, stage_now);
    for (peer::PostedCommand& command : desktop_.draw(kit, stage_now)) {
        if (const auto* load = std::get_if<peer::LoadHistory>(&command.command))
            asked_.push_back(*load);
    }
}

double Room::frame() {
    for (const peer::LoadHistory& asked : std::exchange(asked_, {}))
        answer(asked);
    const double before = thread_cpu_ms();
    presented_ = window_->frame([this](ui::Kit& kit) { draw(kit); }).presented;
    return thread_cpu_ms() - before;
}

void Room::settle() {
    for (int still = 0, frames = 0; still < 3 && frames < 200; ++frames) {
        frame();
        still = presented_ || !asked_.empty() || !arrived_.empty() ? 0 : still + 1;
    }
}

void Room::wheel(float notches) {
    SDL_Event event{};
    event.type = SDL_MOUSEMOTION;
    event.motion.windowID = SDL_GetWindowID(window_->sdl());
    event.motion.x = 800;
    event.motion.y = 400;
    SDL_PushEvent(&event);
    event = {};
    event.type = SDL_MOUSEWHEEL;
    event.wheel.windowID = SDL_GetWindowID(window_->sdl());
    event.wheel.y = static_cast<Sint32>(notches);
    event.wheel.preciseY = notches;
    SDL_PushEvent(&event);
}

void Room::type(const std::string& text) {
    SDL_Event event{};
    event.type = SDL_TEXTINPUT;
    event.text.windowID = SDL_GetWindowID(window_->sdl());
    const std::size_t size = std::min(text.size(), sizeof(event.text.text) - 1);
    std::copy_n(text.begin(), size, event.text.text);
    SDL_PushEvent(&event);
}

void Room::receive(const std::string& text) {
    arrived_.emplace_back(peer::MessageAdded{message(++newest_, 1, text, {.minutes_ago = 0})});
}

}  // namespace sotto::bench
