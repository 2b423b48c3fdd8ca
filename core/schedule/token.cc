// SPDX-License-Identifier: MIT
#include "core/schedule/token.h"

#include "core/schedule/base64.h"
#include "core/schedule/bytes.h"
#include "core/schedule/limits.h"
#include "core/schedule/text_quote.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

constexpr std::string_view kMagic = "LMM";
constexpr std::string_view kVersion = "1";

bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

std::string without_space(std::string_view text)
{
	std::string token;
	std::copy_if(text.begin(), text.end(), std::back_inserter(token),
		     [](char c) { return !is_space(c); });
	return token;
}

std::string hex(std::uint32_t value)
{
	std::string text;
	for (int shift = 28; shift >= 0; shift -= 4)
		text += "0123456789abcdef"[value >> shift & 15];
	return text;
}

class TokenParser
{
public:
	TokenParser(std::string_view text, const SiteResolver &resolve)
		: text_(text), token_(without_space(text)), resolve_(resolve)
	{
	}

	std::variant<Schedule, TokenError> run()
	{
		if (!version() || !names() || !payload())
			return std::move(error_);
		return std::move(schedule_);
	}

private:
	bool version();
	bool names();
	bool site();
	bool payload();

	std::string_view rest() const { return std::string_view(token_).substr(at_); }

	/// The characters from here on that are none of `stops`; goes behind them.
	std::string_view take_until(std::string_view stops)
	{
		const std::string_view part = rest().substr(0, rest().find_first_of(stops));
		at_ += part.size();
		return part;
	}

	bool fail(TokenError::Kind kind, std::size_t at, std::string_view expected,
		  std::string_view hint = "");

	std::string_view text_;
	const std::string token_; ///< text_ without white space
	const SiteResolver &resolve_;
	std::size_t at_ = 0; ///< in token_
	Schedule schedule_;
	TokenError error_;
};

bool TokenParser::fail(TokenError::Kind kind, std::size_t at, std::string_view expected,
		       std::string_view hint)
{
	// Columns are those of the text that somebody pasted, white space included.
	std::size_t in_text = 0;
	for (std::size_t passed = 0; in_text < text_.size(); in_text++) {
		if (!is_space(text_[in_text]) && passed++ == at)
			break;
	}
	error_.kind = kind;
	error_.column = in_text + 1;
	error_.message = "expected ";
	error_.message += expected;
	error_.message += ", found ";
	error_.message +=
		at < token_.size() ? shown(std::string_view(token_).substr(at)) : "the end";
	if (!hint.empty()) {
		error_.message += " (";
		error_.message += hint;
		error_.message += ')';
	}
	return false;
}

bool TokenParser::version()
{
	if (!looks_like_token(token_))
		return fail(TokenError::Kind::not_a_token, 0, "a token 'LMM1:SCHEME:...'");
	at_ = kMagic.size();
	if (take_until(":") != kVersion)
		return fail(TokenError::Kind::too_new, kMagic.size(), "version 1",
			    "this build reads version 1 only; take a newer lazymm");
	at_++;
	return true;
}

bool TokenParser::names()
{
	const std::size_t scheme_at = at_;
	schedule_.scheme = take_until("+~:");
	if (!is_name(schedule_.scheme))
		return fail(TokenError::Kind::malformed, scheme_at, "the name of a scheme");
	if (rest().starts_with('+')) {
		const std::size_t bug_at = ++at_;
		schedule_.bug = take_until("~:");
		if (!is_name(schedule_.bug))
			return fail(TokenError::Kind::malformed, bug_at, "the name of a bug");
	}
	while (rest().starts_with('~')) {
		at_++;
		if (!site())
			return false;
	}
	if (!rest().starts_with(':'))
		return fail(TokenError::Kind::malformed, at_, "':' and the schedule",
			    "the token looks cut off");
	at_++;
	return true;
}

bool TokenParser::site()
{
	const std::size_t site_at = at_;
	const std::string_view digits = take_until("~:");
	std::uint32_t hash = 0;
	for (const char c : digits.substr(0, 8)) {
		if (hex_digit(c) < 0)
			return fail(TokenError::Kind::malformed, site_at, "8 hex digits");
		hash = hash << 4 | static_cast<std::uint32_t>(hex_digit(c));
	}
	if (digits.size() != 8)
		return fail(TokenError::Kind::malformed, site_at, "8 hex digits");
	if (schedule_.weaken.size() == kMaxWeaken)
		return fail(TokenError::Kind::malformed, site_at,
			    "at most " + std::to_string(kMaxWeaken) + " weakened sites");
	auto name = resolve_ ? resolve_(hash) : std::nullopt;
	if (!name)
		return fail(TokenError::Kind::unknown_site, site_at, "the hash of a site",
			    "this build has no such site");
	schedule_.weaken.push_back(std::move(*name));
	return true;
}

bool TokenParser::payload()
{
	const auto bytes = from_base64url(rest());
	if (const auto *error = std::get_if<Base64Error>(&bytes)) {
		const std::size_t at = at_ + error->at;
		const bool cut = token_.find_first_not_of('=', at) == std::string::npos;
		return fail(TokenError::Kind::malformed, at,
			    cut ? "more of the token" : "A-Z, a-z, 0-9, '-' or '_'",
			    cut ? "it looks cut off" : "");
	}
	decode(std::get<std::vector<std::uint8_t>>(bytes), schedule_);
	return true;
}

} // namespace

std::string TokenError::str() const
{
	return "token:" + std::to_string(column) + ": " + message;
}

std::uint32_t site_hash(std::string_view site)
{
	std::uint32_t hash = 0x811c9dc5;
	for (const char c : site)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
	return hash;
}

bool looks_like_token(std::string_view text)
{
	const std::string token = without_space(text.substr(0, 64));
	if (!token.starts_with(kMagic))
		return false;
	const auto end = std::find_if_not(token.begin() + kMagic.size(), token.end(), is_digit);
	return end != token.begin() + kMagic.size() && end != token.end() && *end == ':';
}

std::string to_token(const Schedule &schedule)
{
	std::string token{ kMagic };
	token += kVersion;
	token += ':';
	token += schedule.scheme;
	if (!schedule.bug.empty())
		token += '+' + schedule.bug;
	for (const std::string &site : schedule.weaken)
		token += '~' + hex(site_hash(site));
	token += ':';
	token += to_base64url(encode(schedule));
	return token;
}

std::variant<Schedule, TokenError> parse_token(std::string_view text, const SiteResolver &resolve)
{
	return TokenParser(text, resolve).run();
}

} // namespace lazymm::schedule
