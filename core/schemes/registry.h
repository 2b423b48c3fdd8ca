// SPDX-License-Identifier: MIT
// Schemes and planted bugs by name. A file registers what it holds with one static object; a scheme
// outside the tree that links against the library does the same.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel/scheme.h"

namespace lazymm::schemes
{

/// Whether the scheme, as it stands here, is believed to keep its promises.
enum class Expect : std::uint8_t { sound, broken };

/// An architecture that a scheme is not made for.
struct Unsuited {
	kernel::ArchKind arch;
	const char *why; ///< what is missing or done otherwise there; a witness shows it
};

struct SchemeInfo {
	const char *name;    ///< "lazymm-2021"
	const char *from;    ///< mail or commit
	const char *summary; ///< one line
	Expect expect;
	std::unique_ptr<kernel::Scheme> (*make)();
	/// Of a broken one: the token of a schedule that shows it (schedule/token.h).
	const char *witness = nullptr;
	/// Group of operations that a search in it takes (`--ops`); nullptr: the usual ones.
	const char *ops = nullptr;
	/// Of a sound one: where it is not (arch.h). Elsewhere it is.
	std::vector<Unsuited> unsuited = {};
};

struct BugInfo {
	const char *id;		///< as in bugs.md, "rc-missing-grab-u2k"
	const char *scheme;	///< registry name of the scheme it is planted in
	const char *oracle;	///< the oracle that is to catch it
	const char *provenance; ///< upstream commit or mail, or "plausible: ..."
	const char *memory;	///< weakest memory model that is needed: "sc"
	const char *where;	///< "core/schemes/bugs/refcount_bugs.cc:41"
	/// The variant; nullptr: the scheme itself with `weaken` weakened.
	std::unique_ptr<kernel::Scheme> (*make)();
	const char *weaken = nullptr; ///< site, or nullptr
	/// Group of operations that a search for it takes (`--ops`); nullptr: the usual ones.
	const char *ops = nullptr;
	/// Why nothing is there to be found: the change makes no difference, or the entry was
	/// wrong. nullptr: it is to be found.
	const char *equivalent = nullptr;
};

class Registration
{
public:
	explicit Registration(const SchemeInfo &info);
	explicit Registration(const BugInfo &info);
};

/// Sorted by name.
std::vector<const SchemeInfo *> all_schemes();
std::vector<const BugInfo *> all_bugs();
/// nullptr if there is none of that name.
const SchemeInfo *find_scheme(std::string_view name);
const BugInfo *find_bug(std::string_view id);

/// What a search in this scheme with this planted bug ("" for none) is about: the bug's group of
/// operations, or else the scheme's; nullptr for the usual ones.
const char *usual_operations(std::string_view scheme, std::string_view bug);

template <class T>
std::unique_ptr<kernel::Scheme> make()
{
	return std::make_unique<T>();
}

} // namespace lazymm::schemes

#define LAZYMM_STRING2(x) #x
#define LAZYMM_STRING(x) LAZYMM_STRING2(x)
#define LAZYMM_CONCAT2(a, b) a##b
#define LAZYMM_CONCAT(a, b) LAZYMM_CONCAT2(a, b)
/// At namespace scope: REGISTER_SCHEME({ .name = "mine", ..., .make = make<mine> });
#define REGISTER_SCHEME(...)                                                                       \
	static const ::lazymm::schemes::Registration LAZYMM_CONCAT(registered_, __LINE__)(         \
		::lazymm::schemes::SchemeInfo __VA_ARGS__)
#ifdef LAZYMM_NO_BUGS
#define REGISTER_BUG(...) static_assert(true, "not in this build")
#else
#define REGISTER_BUG(...)                                                                          \
	static const ::lazymm::schemes::Registration LAZYMM_CONCAT(registered_, __LINE__)(         \
		::lazymm::schemes::BugInfo __VA_ARGS__)
#endif
/// "file:line" of the place, for BugInfo::where.
#define LAZYMM_HERE __FILE__ ":" LAZYMM_STRING(__LINE__)
