// SPDX-License-Identifier: MIT
// A schedule as one word that survives mail and a shell unquoted:
//
//	token := LMM1:<scheme>[+<bug>]{~<site>}:<bytes>
//	scheme, bug := [a-z0-9-]+
//	site  := 8 hex digits, the hash of the name of a weakened site
//	bytes := base64url (RFC 4648) of the bytes of bytes.h, without padding
//
// A change of the byte format, or of what a token means, takes the next number: LMM2.
#pragma once

#include "core/schedule/schedule.h"

#include <functional>
#include <string_view>
#include <variant>

namespace lazymm::schedule
{

struct TokenError {
	enum class Kind : std::uint8_t {
		not_a_token,  ///< does not begin with LMM and a number; may be a file name
		malformed,    ///< begins like one
		too_new,      ///< has another version
		unknown_site, ///< weakens a site that this build does not have
	};
	Kind kind = Kind::malformed;
	std::size_t column = 1; ///< from 1, in bytes; line breaks count as a byte
	std::string message;	///< "expected X, found 'Y' (what to do)"

	/// "token:column: message", one line of printable ASCII.
	std::string str() const;
};

/// The name of the site that has this site_hash(); nothing if there is none.
using SiteResolver = std::function<std::optional<std::string>(std::uint32_t hash)>;

/// FNV-1a, 32 bits.
std::uint32_t site_hash(std::string_view site);

/// Does it begin like a token (of any version)? Then it is none of the other schedule arguments.
bool looks_like_token(std::string_view text);

/// The token of a schedule within the limits that has a scheme.
std::string to_token(const Schedule &schedule);

/// Read a token. Blanks and line breaks anywhere in it do not matter (mail wraps), nor does
/// padding.
std::variant<Schedule, TokenError> parse_token(std::string_view text, const SiteResolver &resolve);

} // namespace lazymm::schedule
