// The real desktop in a real window without a display, with a script driver at its keyboard and
// fake ViewChanges where the engine would be.
//
// Time stands still at `now`, the calendar is UTC, pictures are equal from run to run. What the
// views post is kept in `posted`; nobody answers unless the test does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "people.hpp"
#include "support/driver.hpp"
#include "ui/appearance.hpp"
#include "ui/desktop.hpp"

namespace sotto::ui::testing {

struct StageOptions {
    int width = 1100;
    int height = 720;
    ThemeChoice theme = ThemeChoice::light;
    Language language = Language::english;
    float scale = 1.0F;
};

class Stage {
public:
    explicit Stage(const StageOptions& options = {});

    void take(const peer::ViewChange& change);
    // Takes it and draws until the picture rests.
    void show(const peer::ViewChange& change);
    // One line per failed command; empty when all went well.
    [[nodiscard]] std::string run(std::string_view script);
    void shot(const std::filesystem::path& file) const;

    // The last posted command of a kind, or null.
    template <class Kind>
    [[nodiscard]] const Kind* last() const {
        const Kind* found = nullptr;
        for (const peer::PostedCommand& command : posted) {
            if (const auto* kind = std::get_if<Kind>(&command.command)) {
                found = kind;
            }
        }
        return found;
    }
    template <class Kind>
    [[nodiscard]] peer::CommandId last_id() const {
        peer::CommandId id = 0;
        for (const peer::PostedCommand& command : posted) {
            if (std::holds_alternative<Kind>(command.command)) {
                id = command.id;
            }
        }
        return id;
    }
    template <class Kind>
    [[nodiscard]] std::size_t count() const {
        std::size_t sum = 0;
        for (const peer::PostedCommand& command : posted) {
            sum += std::holds_alternative<Kind>(command.command) ? 1U : 0U;
        }
        return sum;
    }

    peer::WallTime now = stage_now;
    Desktop desktop;
    std::unique_ptr<Window> window;
    std::vector<peer::PostedCommand> posted;
    // What LoadHistory answers by itself, so that scripts need not; empty pages otherwise.
    std::vector<peer::Message> history;
    bool answers_history = true;
    std::unique_ptr<Driver> driver;

private:
    void frame(Kit& kit);
    void answer(const peer::LoadHistory& asked);
};

// An everyday home: eight contacts, a conversation with the first (number 1) in many scripts.
void fill_home(Stage& stage);

}  // namespace sotto::ui::testing
