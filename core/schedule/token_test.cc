// SPDX-License-Identifier: MIT
#include "core/schedule/any_schedule.h"
#include "core/schedule/base64.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"

#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace lazymm::schedule
{
namespace
{

using namespace std::string_literals;

std::optional<std::string> resolve(std::uint32_t hash)
{
	for (const char *site : { "mmdrop: mm_count", "switch_mm: after store to cr3" }) {
		if (site_hash(site) == hash)
			return site;
	}
	return std::nullopt;
}

Schedule parsed(std::string_view token)
{
	auto result = parse_token(token, resolve);
	if (const auto *error = std::get_if<TokenError>(&result)) {
		ADD_FAILURE() << error->str() << "\n" << token;
		return {};
	}
	return std::get<Schedule>(result);
}

Schedule example()
{
	const auto result = parse_text("lazymm-schedule 1\n"
				       "scheme refcount\n"
				       "bug rc-missing-grab-u2k\n"
				       "memory sc\n"
				       "weaken \"mmdrop: mm_count\"\n"
				       "weaken \"switch_mm: after store to cr3\"\n"
				       "search pos 17\n"
				       "cpus 2\n"
				       "cpu0\n"
				       "  fork B\n"
				       "  exit            +5 run cpu1     +9 irq\n"
				       "cpu1\n"
				       "  switch B\n"
				       "  switch kthread  +3 older 1\n",
				       "");
	return std::get<Schedule>(result);
}

// Tokens stand in mails: this one must be readable for ever.
constexpr char kExample[] =
	"LMM1:refcount+rc-missing-grab-u2k~7f11cfe6~795ded60:gAIRUCzhBOQEBSHxAg";

TEST(Token, Example)
{
	EXPECT_EQ(to_token(example()), kExample);
	EXPECT_EQ(parsed(kExample), example());
}

TEST(Token, OfAnEmptySchedule)
{
	Schedule schedule;
	schedule.scheme = "hazptr";
	EXPECT_EQ(to_token(schedule), "LMM1:hazptr:");
	EXPECT_EQ(parsed("LMM1:hazptr:"), schedule);
}

TEST(Token, ParseOfToTokenIsTheSchedule)
{
	Rng rng(21);
	for (int i = 0; i < 10000; i++) {
		const Schedule schedule = any_named_schedule(rng);
		std::map<std::uint32_t, std::string> sites;
		for (const std::string &site : schedule.weaken)
			sites[site_hash(site)] = site;
		const auto result = parse_token(
			to_token(schedule), [&](std::uint32_t hash) -> std::optional<std::string> {
				const auto found = sites.find(hash);
				return found == sites.end() ? std::nullopt
							    : std::optional(found->second);
			});
		ASSERT_TRUE(std::holds_alternative<Schedule>(result));
		ASSERT_EQ(std::get<Schedule>(result), schedule);
	}
}

TEST(Token, NeedsNoQuotesInAShell)
{
	Rng rng(22);
	for (int i = 0; i < 1000; i++) {
		const std::string token = to_token(any_named_schedule(rng));
		ASSERT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						  "abcdefghijklmnopqrstuvwxyz0123456789-_:+~"),
			  std::string::npos)
			<< token;
	}
}

TEST(Token, SurvivesAMail)
{
	std::string wrapped = " ";
	for (const char *c = kExample; *c; c++)
		wrapped += (c - kExample) % 9 == 8 ? *c + "\r\n\t "s : std::string(1, *c);
	EXPECT_EQ(parsed(wrapped + "==\n"), example());
	EXPECT_EQ(parsed(kExample + "="s), example());
}

TEST(Token, SitesAreHashedByFnv1a)
{
	EXPECT_EQ(site_hash(""), 0x811c9dc5u);
	EXPECT_EQ(site_hash("a"), 0xe40c292cu);
	EXPECT_EQ(site_hash("foobar"), 0xbf9cf968u);
}

TEST(Token, LooksLikeOne)
{
	EXPECT_TRUE(looks_like_token(kExample));
	EXPECT_TRUE(looks_like_token("LMM22:"));
	EXPECT_TRUE(looks_like_token("\n LMM1:x"));
	EXPECT_FALSE(looks_like_token("LMM:x"));
	EXPECT_FALSE(looks_like_token("LMM1"));
	EXPECT_FALSE(looks_like_token("lmm1:x"));
	EXPECT_FALSE(looks_like_token("corpus/LMM1:x"));
	EXPECT_FALSE(looks_like_token(""));
}

TEST(TokenError, Messages)
{
	struct Golden {
		std::string token;
		TokenError::Kind kind;
		const char *error;
	};
	using enum TokenError::Kind;
	const Golden table[] = {
		{ "", not_a_token, "token:1: expected a token 'LMM1:SCHEME:...', found the end" },
		{ "a.sched", not_a_token,
		  "token:1: expected a token 'LMM1:SCHEME:...', found 'a.sched'" },
		{ "LMM1", not_a_token,
		  "token:1: expected a token 'LMM1:SCHEME:...', found 'LMM1'" },
		{ "LMM\0001:"s, not_a_token,
		  "token:1: expected a token 'LMM1:SCHEME:...', found 'LMM\\x001:'" },
		{ "LMM2:refcount:AA", too_new,
		  "token:4: expected version 1, found '2:refcount:AA' (this build reads version 1 "
		  "only; take a newer lazymm)" },
		{ "LMM18446744073709551617:refcount:AA", too_new,
		  "token:4: expected version 1, found '18446744073709551617:refcount:AA' (this "
		  "build reads version 1 only; take a newer lazymm)" },
		{ "LMM1:", malformed, "token:6: expected the name of a scheme, found the end" },
		{ "LMM1:Refcount:AA", malformed,
		  "token:6: expected the name of a scheme, found 'Refcount:AA'" },
		{ "LMM1:" + std::string(65, 'x') + ":AA", malformed,
		  "token:6: expected the name of a scheme, found "
		  "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'" },
		{ "LMM1:refcount", malformed,
		  "token:14: expected ':' and the schedule, found the end (the token looks cut "
		  "off)" },
		{ "LMM1:refcount+:AA", malformed,
		  "token:15: expected the name of a bug, found ':AA'" },
		{ "LMM1:refcount+b+c:AA", malformed,
		  "token:15: expected the name of a bug, found 'b+c:AA'" },
		{ "LMM1:refcount~7f11cfe:AA", malformed,
		  "token:15: expected 8 hex digits, found '7f11cfe:AA'" },
		{ "LMM1:refcount~7f11cfe6b:AA", malformed,
		  "token:15: expected 8 hex digits, found '7f11cfe6b:AA'" },
		{ "LMM1:refcount~7f11cfeg:AA", malformed,
		  "token:15: expected 8 hex digits, found '7f11cfeg:AA'" },
		{ "LMM1:refcount~", malformed, "token:15: expected 8 hex digits, found the end" },
		{ "LMM1:refcount~00000000:AA", unknown_site,
		  "token:15: expected the hash of a site, found '00000000:AA' (this build has no "
		  "such site)" },
		{ "LMM1:refcount:AA+A", malformed,
		  "token:17: expected A-Z, a-z, 0-9, '-' or '_', found '+A'" },
		{ "LMM1:refcount:A\n A*A", malformed,
		  "token:19: expected A-Z, a-z, 0-9, '-' or '_', found '*A'" },
		{ "LMM1:refcount:AA=A", malformed,
		  "token:17: expected A-Z, a-z, 0-9, '-' or '_', found '=A'" },
		{ "LMM1:refcount:AA:AA", malformed,
		  "token:17: expected A-Z, a-z, 0-9, '-' or '_', found ':AA'" },
		{ "LMM1:refcount:AA\0"s, malformed,
		  "token:17: expected A-Z, a-z, 0-9, '-' or '_', found '\\x00'" },
		{ "LMM1:refcount:A", malformed,
		  "token:16: expected more of the token, found the end (it looks cut off)" },
		{ "LMM1:refcount:AB", malformed,
		  "token:17: expected more of the token, found the end (it looks cut off)" },
		{ "LMM1:refcount:AB===", malformed,
		  "token:17: expected more of the token, found '===' (it looks cut off)" },
	};
	for (const Golden &golden : table) {
		const auto result = parse_token(golden.token, resolve);
		const auto *error = std::get_if<TokenError>(&result);
		EXPECT_EQ(error ? error->str() : "no error", golden.error) << golden.token;
		EXPECT_EQ(error ? error->kind : unknown_site, golden.kind) << golden.token;
	}
}

TEST(TokenError, NoResolverKnowsNoSite)
{
	EXPECT_TRUE(std::holds_alternative<TokenError>(parse_token(kExample, nullptr)));
}

TEST(TokenError, TooManySites)
{
	std::string token = "LMM1:refcount";
	for (unsigned i = 0; i <= kMaxWeaken; i++)
		token += "~7f11cfe6";
	EXPECT_TRUE(std::holds_alternative<TokenError>(parse_token(token + ":", resolve)));
}

RC_GTEST_PROP(Base64, DecodesWhatItEncodes, (const std::vector<std::uint8_t> &bytes))
{
	const auto result = from_base64url(to_base64url(bytes));
	RC_ASSERT(std::holds_alternative<std::vector<std::uint8_t>>(result));
	RC_ASSERT(std::get<std::vector<std::uint8_t>>(result) == bytes);
}

TEST(Base64, Rfc4648)
{
	const auto encoded = [](std::string_view text) {
		return to_base64url(
			{ reinterpret_cast<const std::uint8_t *>(text.data()), text.size() });
	};
	EXPECT_EQ(encoded(""), "");
	EXPECT_EQ(encoded("f"), "Zg");
	EXPECT_EQ(encoded("fo"), "Zm8");
	EXPECT_EQ(encoded("foo"), "Zm9v");
	EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
	EXPECT_EQ(encoded("\xfb\xff"), "-_8");
}

TEST(TokenGarbage, AMillionDamagedTokensParseOrSayWhere)
{
	Rng rng(23);
	constexpr std::string_view kLikely = "LM12:+~-_=Aaf09 \n";
	for (int i = 0; i < 1000000; i++) {
		std::string token = kExample;
		for (unsigned n = 1 + rng.below(3); n > 0; n--) {
			const std::size_t at = rng.below(static_cast<std::uint32_t>(token.size()));
			const char c = rng.one_in(2) ? kLikely[rng.below(kLikely.size())]
						     : static_cast<char>(rng.below(256));
			if (rng.one_in(3))
				token.resize(at + 1);
			else if (rng.one_in(2))
				token.insert(at, 1, c);
			else
				token[at] = c;
		}
		const auto result = parse_token(token, resolve);
		if (const auto *error = std::get_if<TokenError>(&result)) {
			ASSERT_GE(error->column, 1u) << token;
			ASSERT_LE(error->column, token.size() + 1) << token;
		} else {
			const Schedule &schedule = std::get<Schedule>(result);
			ASSERT_TRUE(within_limits(schedule)) << token;
			ASSERT_EQ(parsed(to_token(schedule)), schedule) << token;
		}
	}
}

} // namespace
} // namespace lazymm::schedule
