#include "stage.hpp"

#include <SDL.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace sotto::ui::testing {
namespace {

constexpr std::uint64_t minute_ms = 60'000;

Settings settings_of(const StageOptions& options) {
    Settings settings;
    settings.theme = options.theme;
    settings.language = options.language;
    settings.scale = options.scale;
    return settings;
}

void use_no_display() {
    ::setenv("SDL_VIDEODRIVER", "dummy", 1);
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

std::unique_ptr<Window> open_window(const StageOptions& options) {
    use_no_display();
    OpenedWindow opened = Window::open({.width = options.width,
                                        .height = options.height,
                                        .width_min = width_min,
                                        .height_min = height_min,
                                        .theme = options.theme,
                                        .scale = options.scale,
                                        .fixed_time = true});
    if (!opened.window) {
        ADD_FAILURE() << opened.error;
        std::abort();  // nothing else can be said without a window
    }
    return std::move(opened.window);
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : desktop(settings_of(options), Language::english), window(open_window(options)) {
    desktop.ui().version = "0.1.0";
    desktop.ui().hybrid_suite = true;
    driver = std::make_unique<Driver>(*window, [this](Kit& kit) { frame(kit); });
}

void Stage::frame(Kit& kit) {
    for (peer::PostedCommand& command : desktop.draw(kit, stage_now)) {
        const auto* asked = std::get_if<peer::LoadHistory>(&command.command);
        const std::optional<peer::LoadHistory> page =
            asked != nullptr && answers_history ? std::optional(*asked) : std::nullopt;
        posted.push_back(std::move(command));
        if (page) {
            answer(*page);
        }
    }
    if (std::exchange(desktop.ui().settings_changed, false)) {
        apply_settings(*window, desktop.ui().settings);
    }
}

void Stage::answer(const peer::LoadHistory& asked) {
    peer::HistoryPage page{
        .peer = asked.peer, .before_row = asked.before_row, .messages = {}, .more = false};
    for (const peer::Message& message : history) {
        if (message.peer == asked.peer &&
            (asked.before_row == 0 || message.row < asked.before_row)) {
            page.messages.push_back(message);
        }
    }
    if (page.messages.size() > asked.limit) {
        const auto end = page.messages.end() - static_cast<std::ptrdiff_t>(asked.limit);
        page.messages.erase(page.messages.begin(), end);
        page.more = true;
    }
    desktop.take(page, stage_now);
}

void Stage::take(const peer::ViewChange& change) { desktop.take(change, stage_now); }

void Stage::show(const peer::ViewChange& change) {
    take(change);
    driver->settle();
}

std::string Stage::run(std::string_view script) {
    std::string failures;
    for (const std::string& failure : driver->run(script)) {
        failures += failure + "\n";
    }
    return failures;
}

void Stage::shot(const std::filesystem::path& file) const {
    std::filesystem::create_directories(file.parent_path());
    EXPECT_TRUE(write_png(window->picture(), file)) << file;
}

peer::AccountId account(unsigned number) {
    crypto::ByteArray<32> bytes{};
    std::uint32_t state = number * 2654435761U + 12345U;
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    return peer::AccountId(bytes);
}

peer::Contact contact(unsigned number, const std::string& name, peer::ContactState state,
                      peer::Presence presence) {
    return {.account = account(number),
            .username = name,
            .state = state,
            .request_text = {},
            .verified = false,
            .allow_direct = false,
            .presence = presence,
            .path = presence == peer::Presence::online ? peer::Path::direct : peer::Path::mailbox,
            .changed_at = {stage_now.ms - 30 * 24 * 60 * minute_ms - number}};
}

peer::Message message(std::uint64_t row, unsigned peer, const std::string& text,
                      const MessageOptions& options) {
    peer::MessageId id;
    for (unsigned i = 0; i < 8; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(row >> (8U * i));
    }
    return {.row = row,
            .id = id,
            .peer = account(peer),
            .outgoing = options.outgoing,
            .kind = peer::MessageKind::text,
            .text = text,
            .at = {stage_now.ms - options.minutes_ago * minute_ms},
            .state = options.state,
            .failure = peer::MessageFailure::none,
            .read_locally = options.read};
}

peer::ServerAddress server() {
    crypto::ByteArray<32> key{};
    key[0] = 9;  // the base point: canonical, and nobody's
    return {.host = "chat.example.org", .port = 7313, .key = *crypto::CurvePublic::parse(key)};
}

peer::Self self(const std::string& name) {
    return {.username = name,
            .account = account(1000),
            .device = peer::DeviceId(crypto::ByteArray<16>{}),
            .server = server(),
            .registered = true};
}

peer::Opened opened(std::vector<peer::Contact> contacts,
                    std::vector<peer::ConversationSummary> conversations) {
    return {.self = self(),
            .contacts = std::move(contacts),
            .conversations = std::move(conversations)};
}

peer::DirectoryPage directory(std::vector<peer::Member> members) {
    return {.query = {}, .after = {}, .members = std::move(members), .more = false};
}

}  // namespace sotto::ui::testing
