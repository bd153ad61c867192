// What was typed and could not be stored, while the vault is locked.
//
// A lock must be quick and must never cost a person's words. Drafts are in the encrypted database
// before it (ui/drafts.hpp); what it could not take - a full disk, a message that came too late -
// waits here: in guarded memory, not on the screen, and comes back only when the same account is
// unlocked. See docs/decisions/0071. Ui thread.
#pragma once

#include "crypto/secret.hpp"
#include "ui/ui_state.hpp"

#include <map>
#include <optional>

namespace sotto::ui {

class KeptDrafts {
public:
    // Copies what the disk does not have of all conversations, refused and unanswered messages
    // included. The originals are the caller's to wipe.
    void keep(const UiState& ui, const AccountId& owner);
    // Puts them back, in the place of what the profile had; somebody else's are wiped.
    void give_back(UiState& ui, const AccountId& owner);
    [[nodiscard]] bool empty() const { return drafts_.empty(); }

private:
    void add(const AccountId& account, std::string_view text);

    std::optional<AccountId> owner_;
    std::map<AccountId, crypto::SecureBuffer> drafts_;
};

}  // namespace sotto::ui
