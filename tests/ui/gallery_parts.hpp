// All small parts on one page: buttons, switches, forms, ticks, badges, avatars, presence.
#pragma once

#include "ui/chat_input.hpp"
#include "ui/kit.hpp"

namespace sotto::ui::gallery {

class PartsScreen {
public:
    PartsScreen();
    void draw(Kit& kit);

private:
    void draw_buttons(Kit& kit, ImVec2 at);
    void draw_forms(Kit& kit, ImVec2 at);
    void draw_marks(Kit& kit, ImVec2 at);
    void draw_type(Kit& kit, ImVec2 at);

    ChatInput name_{256};
    ChatInput password_{ChatInput::password_bytes_max, Secrecy::secret};
    ChatInput wrong_{256};
    bool on_ = true;
    bool off_ = false;
};

}  // namespace sotto::ui::gallery
