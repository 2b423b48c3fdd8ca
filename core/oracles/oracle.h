// SPDX-License-Identifier: MIT
// An oracle watches what the kernel tells and speaks once, with what was promised, who broke it and
// where. It judges; it never changes a run other than by ending it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/kernel/kernel.h"

namespace lazymm::oracles
{

/// What an oracle has to say. A value: a violation of the scheme under test is no error of ours.
struct Finding {
	std::string oracle; ///< "mm-count"
	/// Stable short name of what went wrong, the same for the same defect whatever the
	/// schedule: "live-mm-freed". The minimiser keeps oracle and kind.
	std::string kind;
	std::string text; ///< one or two sentences for a person
	std::string file;
	unsigned line = 0;
	int cpu = -1;
	int mm = -1; ///< number of the mm, or -1

	bool same_as(const Finding &other) const
	{
		return oracle == other.oracle && kind == other.kind;
	}
};

class Oracle : public kernel::Watcher
{
public:
	virtual const char *name() const = 0;
	/// The promise, one line for `lazymm list oracles`.
	virtual const char *promise() const = 0;
	/// Bit i = EventKind i.
	virtual std::uint64_t events() const { return 0; }
	/// A run begins; the kernel is not booted yet.
	virtual void begin(kernel::Kernel &) {}
	void on(const kernel::KernelEvent &) override {}
	/// The run has ended; nothing runs any more.
	virtual void end(kernel::Kernel &, machine::Outcome) {}

	/// What it said, or empty.
	const Finding *finding() const { return spoke_ ? &finding_ : nullptr; }
	void forget() { spoke_ = speaking_ = false; }

protected:
	static constexpr std::uint64_t bit(kernel::EventKind kind)
	{
		return 1ull << static_cast<unsigned>(kind);
	}
	/// Says it about `event` and ends the run (from on() or on_free(); the first one counts).
	[[noreturn]] void speak(const kernel::KernelEvent &event, std::string kind,
				std::string text);
	/// Says it after the end (from end()).
	void speak_at_end(std::string kind, std::string text, int cpu = -1, int mm = -1,
			  std::string file = "", unsigned line = 0);

private:
	Finding finding_;
	bool spoke_ = false;
	std::atomic<bool> speaking_{ false };
};

class Registration
{
public:
	explicit Registration(std::unique_ptr<Oracle> (*make)());
};

/// A fresh set of all registered oracles, sorted by name.
std::vector<std::unique_ptr<Oracle>> make_all();

} // namespace lazymm::oracles

/// At namespace scope of an oracle's file.
#define REGISTER_ORACLE(type)                                                                      \
	static const ::lazymm::oracles::Registration registered(                                   \
		+[]() -> std::unique_ptr<::lazymm::oracles::Oracle> {                              \
			return std::make_unique<type>();                                           \
		})
