#include "ui/sdl_input.hpp"

#include <imgui_internal.h>

#include <string.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

namespace sotto::ui {

namespace {

struct KeyPair {
    SDL_Keycode sdl;
    ImGuiKey imgui;
};

constexpr KeyPair named_keys[] = {
    {SDLK_TAB, ImGuiKey_Tab},
    {SDLK_LEFT, ImGuiKey_LeftArrow},
    {SDLK_RIGHT, ImGuiKey_RightArrow},
    {SDLK_UP, ImGuiKey_UpArrow},
    {SDLK_DOWN, ImGuiKey_DownArrow},
    {SDLK_PAGEUP, ImGuiKey_PageUp},
    {SDLK_PAGEDOWN, ImGuiKey_PageDown},
    {SDLK_HOME, ImGuiKey_Home},
    {SDLK_END, ImGuiKey_End},
    {SDLK_INSERT, ImGuiKey_Insert},
    {SDLK_DELETE, ImGuiKey_Delete},
    {SDLK_BACKSPACE, ImGuiKey_Backspace},
    {SDLK_SPACE, ImGuiKey_Space},
    {SDLK_RETURN, ImGuiKey_Enter},
    {SDLK_ESCAPE, ImGuiKey_Escape},
    {SDLK_QUOTE, ImGuiKey_Apostrophe},
    {SDLK_COMMA, ImGuiKey_Comma},
    {SDLK_MINUS, ImGuiKey_Minus},
    {SDLK_PERIOD, ImGuiKey_Period},
    {SDLK_SLASH, ImGuiKey_Slash},
    {SDLK_SEMICOLON, ImGuiKey_Semicolon},
    {SDLK_EQUALS, ImGuiKey_Equal},
    {SDLK_PLUS, ImGuiKey_Equal},
    {SDLK_LEFTBRACKET, ImGuiKey_LeftBracket},
    {SDLK_BACKSLASH, ImGuiKey_Backslash},
    {SDLK_RIGHTBRACKET, ImGuiKey_RightBracket},
    {SDLK_BACKQUOTE, ImGuiKey_GraveAccent},
    {SDLK_CAPSLOCK, ImGuiKey_CapsLock},
    {SDLK_KP_PERIOD, ImGuiKey_KeypadDecimal},
    {SDLK_KP_DIVIDE, ImGuiKey_KeypadDivide},
    {SDLK_KP_MULTIPLY, ImGuiKey_KeypadMultiply},
    {SDLK_KP_MINUS, ImGuiKey_KeypadSubtract},
    {SDLK_KP_PLUS, ImGuiKey_KeypadAdd},
    {SDLK_KP_ENTER, ImGuiKey_KeypadEnter},
    {SDLK_LCTRL, ImGuiKey_LeftCtrl},
    {SDLK_LSHIFT, ImGuiKey_LeftShift},
    {SDLK_LALT, ImGuiKey_LeftAlt},
    {SDLK_LGUI, ImGuiKey_LeftSuper},
    {SDLK_RCTRL, ImGuiKey_RightCtrl},
    {SDLK_RSHIFT, ImGuiKey_RightShift},
    {SDLK_RALT, ImGuiKey_RightAlt},
    {SDLK_RGUI, ImGuiKey_RightSuper},
    {SDLK_APPLICATION, ImGuiKey_Menu},
    {SDLK_MENU, ImGuiKey_Menu},
    {SDLK_KP_0, ImGuiKey_Keypad0},
};

[[nodiscard]] ImGuiKey in_order(ImGuiKey first, SDL_Keycode code, SDL_Keycode from) {
    return static_cast<ImGuiKey>(first + (code - from));
}

[[nodiscard]] ImGuiKey key_of(SDL_Keycode code) {
    if (code >= SDLK_a && code <= SDLK_z) {
        return in_order(ImGuiKey_A, code, SDLK_a);
    }
    if (code >= SDLK_0 && code <= SDLK_9) {
        return in_order(ImGuiKey_0, code, SDLK_0);
    }
    if (code >= SDLK_F1 && code <= SDLK_F12) {
        return in_order(ImGuiKey_F1, code, SDLK_F1);
    }
    if (code >= SDLK_KP_1 && code <= SDLK_KP_9) {
        return in_order(ImGuiKey_Keypad1, code, SDLK_KP_1);
    }
    const auto* found = std::ranges::find(named_keys, code, &KeyPair::sdl);
    return found != std::end(named_keys) ? found->imgui : ImGuiKey_None;
}

// With a Cyrillic or Greek layout Ctrl+C arrives as another letter: take the key's place on the
// keyboard instead, as other programs do.
[[nodiscard]] SDL_Keycode latin_key(const SDL_Keysym& key) {
    const bool shortcut = (key.mod & KMOD_CTRL) != 0;
    const bool latin = key.sym < 0x80 || (key.sym & SDLK_SCANCODE_MASK) != 0;
    if (!shortcut || latin) {
        return key.sym;
    }
    if (key.scancode >= SDL_SCANCODE_A && key.scancode <= SDL_SCANCODE_Z) {
        return SDLK_a + (key.scancode - SDL_SCANCODE_A);
    }
    return key.sym;
}

[[nodiscard]] int button_of(Uint8 button) {
    switch (button) {
        case SDL_BUTTON_LEFT:
            return ImGuiMouseButton_Left;
        case SDL_BUTTON_RIGHT:
            return ImGuiMouseButton_Right;
        case SDL_BUTTON_MIDDLE:
            return ImGuiMouseButton_Middle;
        case SDL_BUTTON_X1:
            return 3;
        case SDL_BUTTON_X2:
            return 4;
        default:
            return -1;
    }
}

[[nodiscard]] SDL_SystemCursor cursor_of(ImGuiMouseCursor cursor) {
    switch (cursor) {
        case ImGuiMouseCursor_TextInput:
            return SDL_SYSTEM_CURSOR_IBEAM;
        case ImGuiMouseCursor_ResizeAll:
            return SDL_SYSTEM_CURSOR_SIZEALL;
        case ImGuiMouseCursor_ResizeNS:
            return SDL_SYSTEM_CURSOR_SIZENS;
        case ImGuiMouseCursor_ResizeEW:
            return SDL_SYSTEM_CURSOR_SIZEWE;
        case ImGuiMouseCursor_ResizeNESW:
            return SDL_SYSTEM_CURSOR_SIZENESW;
        case ImGuiMouseCursor_ResizeNWSE:
            return SDL_SYSTEM_CURSOR_SIZENWSE;
        case ImGuiMouseCursor_Hand:
            return SDL_SYSTEM_CURSOR_HAND;
        case ImGuiMouseCursor_Wait:
            return SDL_SYSTEM_CURSOR_WAIT;
        case ImGuiMouseCursor_Progress:
            return SDL_SYSTEM_CURSOR_WAITARROW;
        case ImGuiMouseCursor_NotAllowed:
            return SDL_SYSTEM_CURSOR_NO;
        default:
            return SDL_SYSTEM_CURSOR_ARROW;
    }
}

// It may be a password: SDL's copies go to the C library's heap, which wipes nothing.
struct SdlFree {
    void operator()(char* text) const {
        explicit_bzero(text, std::strlen(text));
        SDL_free(text);
    }
};

template <class T>
void wipe(ImVector<T>& vector) {
    if (vector.Data != nullptr) {
        explicit_bzero(static_cast<void*>(vector.Data),
                       static_cast<std::size_t>(vector.Capacity) * sizeof(T));
    }
}

}  // namespace

SdlInput::SdlInput(SDL_Window* window, Kit& kit)
    : window_(window), window_id_(SDL_GetWindowID(window)), kit_(kit) {}

SdlInput::~SdlInput() {
    forget_clipboard();
}

void SdlInput::forget_clipboard() {
    explicit_bzero(clipboard_.data(), clipboard_.size());
    clipboard_.clear();
}

void SdlInput::attach() {
    ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    platform.Platform_ClipboardUserData = this;
    platform.Platform_SetClipboardTextFn = [](ImGuiContext*, const char* text) {
        SDL_SetClipboardText(text);
    };
    platform.Platform_GetClipboardTextFn = [](ImGuiContext*) -> const char* {
        auto* self = static_cast<SdlInput*>(ImGui::GetPlatformIO().Platform_ClipboardUserData);
        const std::unique_ptr<char, SdlFree> text(SDL_GetClipboardText());
        self->forget_clipboard();
        self->clipboard_ = text != nullptr ? text.get() : "";
        return self->clipboard_.c_str();
    };
    platform.Platform_OpenInShellFn = nullptr;  // addresses open through HostServices only
    kit_.host.open_url = [](const std::string& url) {
        const bool web = url.starts_with("http://") || url.starts_with("https://");
        return web && SDL_OpenURL(url.c_str()) == 0;
    };
    attach_primary_selection();
    SDL_StartTextInput();
}

// What was marked last, for the middle mouse button: only X11 and Wayland have it.
void SdlInput::attach_primary_selection() {
#if SDL_VERSION_ATLEAST(2, 26, 0)
    const char* driver = SDL_GetCurrentVideoDriver();
    const std::string_view name = driver != nullptr ? driver : "";
    if (name != "x11" && name != "wayland") {
        return;
    }
    kit_.host.primary_selection = [] {
        const std::unique_ptr<char, SdlFree> text(SDL_GetPrimarySelectionText());
        return std::string(text != nullptr ? text.get() : "");
    };
    kit_.host.set_primary_selection = [](const std::string& text) {
        SDL_SetPrimarySelectionText(text.c_str());
    };
#endif
}

ImVec2 SdlInput::to_pixels(int x, int y) const {
    int window_w = 0;
    int window_h = 0;
    SDL_GetWindowSize(window_, &window_w, &window_h);
    // On some systems a window has more pixels than units of its size.
    const ImVec2 pixels = ImGui::GetIO().DisplaySize;
    const float scale_x = window_w > 0 ? pixels.x / static_cast<float>(window_w) : 1.0F;
    const float scale_y = window_h > 0 ? pixels.y / static_cast<float>(window_h) : 1.0F;
    return {static_cast<float>(x) * (scale_x > 0 ? scale_x : 1.0F),
            static_cast<float>(y) * (scale_y > 0 ? scale_y : 1.0F)};
}

bool SdlInput::take(const SDL_Event& event) {
    ImGuiIO& io = ImGui::GetIO();
    switch (event.type) {
        case SDL_MOUSEMOTION: {
            const ImVec2 at = to_pixels(event.motion.x, event.motion.y);
            io.AddMousePosEvent(at.x, at.y);
            return event.motion.windowID == window_id_;
        }
        case SDL_MOUSEWHEEL:
            io.AddMouseWheelEvent(-event.wheel.preciseX, event.wheel.preciseY);
            return event.wheel.windowID == window_id_;
        case SDL_MOUSEBUTTONDOWN:
        case SDL_MOUSEBUTTONUP: {
            const ImVec2 at = to_pixels(event.button.x, event.button.y);
            io.AddMousePosEvent(at.x, at.y);
            if (const int button = button_of(event.button.button); button >= 0) {
                io.AddMouseButtonEvent(button, event.type == SDL_MOUSEBUTTONDOWN);
            }
            return event.button.windowID == window_id_;
        }
        case SDL_KEYDOWN:
        case SDL_KEYUP:
            take_key(event.key);
            return event.key.windowID == window_id_;
        case SDL_WINDOWEVENT:
            take_window(event.window);
            return event.window.windowID == window_id_;
        default:
            return take_text(event);
    }
}

void SdlInput::take_key(const SDL_KeyboardEvent& key) {
    ImGuiIO& io = ImGui::GetIO();
    const auto mod = key.keysym.mod;
    io.AddKeyEvent(ImGuiMod_Ctrl, (mod & KMOD_CTRL) != 0);
    io.AddKeyEvent(ImGuiMod_Shift, (mod & KMOD_SHIFT) != 0);
    io.AddKeyEvent(ImGuiMod_Alt, (mod & KMOD_ALT) != 0);
    io.AddKeyEvent(ImGuiMod_Super, (mod & KMOD_GUI) != 0);
    const ImGuiKey named = key_of(latin_key(key.keysym));
    if (named == ImGuiKey_None) {
        return;
    }
    // A held key repeats in SDL as well; ImGui makes its own repeats from the state.
    if (key.repeat == 0) {
        io.AddKeyEvent(named, key.state == SDL_PRESSED);
    }
}

void SdlInput::take_window(const SDL_WindowEvent& event) {
    ImGuiIO& io = ImGui::GetIO();
    switch (event.event) {
        case SDL_WINDOWEVENT_LEAVE:
            if (!ImGui::IsAnyMouseDown()) {
                io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
            }
            break;
        case SDL_WINDOWEVENT_FOCUS_GAINED:
            io.AddFocusEvent(true);
            break;
        case SDL_WINDOWEVENT_FOCUS_LOST:
            io.AddFocusEvent(false);
            kit_.input_method.preedit.clear();
            break;
        default:
            break;
    }
}

bool SdlInput::take_text(const SDL_Event& event) {
    InputMethod& method = kit_.input_method;
    const auto compose = [&method](const char* text, int start) {
        method.preedit = text;
        // SDL counts the caret in characters.
        const char* at = text;
        for (int i = 0; i < start && *at != '\0'; ++i) {
            do {
                ++at;
            } while ((static_cast<unsigned char>(*at) & 0xC0U) == 0x80U);
        }
        method.preedit_caret = static_cast<std::size_t>(at - text);
        if (start <= 0) {
            method.preedit_caret = method.preedit.size();
        }
    };
    switch (event.type) {
        case SDL_TEXTINPUT:
            method.preedit.clear();
            ImGui::GetIO().AddInputCharactersUTF8(event.text.text);
            return event.text.windowID == window_id_;
        case SDL_TEXTEDITING:
            compose(event.edit.text, event.edit.start);
            return event.edit.windowID == window_id_;
#if SDL_VERSION_ATLEAST(2, 0, 22)
        case SDL_TEXTEDITING_EXT: {
            const std::unique_ptr<char, SdlFree> text(event.editExt.text);
            compose(text != nullptr ? text.get() : "", event.editExt.start);
            return event.editExt.windowID == window_id_;
        }
#endif
        default:
            return false;
    }
}

void SdlInput::frame_done() {
    show_cursor();
    place_input_method();
    if (kit_.input_method.secret) {
        // Typed passwords would stay readable in ImGui's queues (their memory is reused, not
        // cleared).
        ImGuiContext& context = *ImGui::GetCurrentContext();
        wipe(context.InputEventsTrail);
        context.InputEventsTrail.resize(0);
        context.IO.InputQueueCharacters.resize(0);
        wipe(context.IO.InputQueueCharacters);
        forget_clipboard();
    }
}

void SdlInput::show_cursor() {
    const ImGuiMouseCursor wanted = ImGui::GetMouseCursor();
    if (wanted == shown_cursor_) {
        return;
    }
    shown_cursor_ = wanted;
    if (wanted == ImGuiMouseCursor_None) {
        SDL_ShowCursor(SDL_DISABLE);
        return;
    }
    auto& cursor = cursors_[static_cast<std::size_t>(wanted)];
    if (cursor == nullptr) {
        cursor.reset(SDL_CreateSystemCursor(cursor_of(wanted)));
    }
    if (cursor != nullptr) {  // some video drivers have none
        SDL_SetCursor(cursor.get());
    }
    SDL_ShowCursor(SDL_ENABLE);
}

void SdlInput::place_input_method() {
    const InputMethod& method = kit_.input_method;
    if (!method.wanted) {
        return;
    }
    const SDL_Rect area{static_cast<int>(method.caret_min.x), static_cast<int>(method.caret_min.y),
                        std::max(static_cast<int>(method.caret_max.x - method.caret_min.x), 1),
                        std::max(static_cast<int>(method.caret_max.y - method.caret_min.y), 1)};
    if (SDL_RectEquals(&area, &text_area_) == SDL_FALSE) {
        text_area_ = area;
        SDL_SetTextInputRect(&text_area_);
    }
}

}  // namespace sotto::ui
