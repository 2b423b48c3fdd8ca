// SPDX-License-Identifier: MIT
// Sites: every ordered operation of the kernel and the schemes has a name. The name is the comment
// that the kernel's own rules ask for, the label in traces, and the handle by which the site can be
// weakened for an experiment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lazymm::machine
{

enum class SiteKind : std::uint8_t { mb, rmb, wmb, acquire, release, rmw };

/// Registers itself before main(); lives as long as the program.
class Site
{
public:
	Site(const char *name, SiteKind kind);
	Site(const Site &) = delete;
	Site &operator=(const Site &) = delete;

	const char *name() const { return name_; }
	SiteKind kind() const { return kind_; }
	/// A weakened full barrier does nothing; a weakened acquire, release or RMW is relaxed.
	bool weakened() const { return weakened_; }
	void weaken(bool on) { weakened_ = on; }

	/// All sites linked into the program, in no particular order.
	static Site *first();
	Site *next() const { return next_; }
	/// The site of that name, or nullptr. Two places may share a name: they are weakened
	/// together.
	static Site *find(std::string_view name);

private:
	const char *name_;
	Site *next_;
	SiteKind kind_;
	bool weakened_ = false;
};

/// A string literal as a template argument.
template <std::size_t N>
struct SiteName {
	char text[N];
	consteval SiteName(const char (&s)[N]) { std::copy_n(s, N, text); }
};

template <SiteName Name>
inline constexpr SiteName site_text = Name;

/// One object per (name, kind), made before main() in every program that contains the place,
/// whether or not it is ever reached.
template <SiteName Name, SiteKind Kind>
inline Site site{ site_text<Name>.text, Kind };

} // namespace lazymm::machine

/// The site of a string literal: LAZYMM_SITE("(a) pairs with (e)", mb).
#define LAZYMM_SITE(name, kind) (::lazymm::machine::site<name, ::lazymm::machine::SiteKind::kind>)
