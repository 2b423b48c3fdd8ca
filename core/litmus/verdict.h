// SPDX-License-Identifier: MIT
// What a litmus test shows on the machine: its final states and herd's verdict on them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/litmus/test.h"
#include "core/machine/machine.h"

namespace lazymm::litmus
{

enum class Strategy : std::uint8_t {
	exhaustive, ///< every execution, up to the order of steps that commute
	naive,	    ///< every interleaving: to check the former
};

/// Some executions instead of all: whoever decides is told when one begins.
class Sampler : public machine::Policy
{
public:
	virtual void begin(std::uint64_t run, unsigned cpus) = 0;
};

struct Options {
	machine::Memory memory = machine::Memory::sc;
	Strategy strategy = Strategy::exhaustive;
	Sampler *sampler = nullptr; ///< instead of the strategy, for max_runs
	std::uint64_t max_runs = 2'000'000;
};

/// `deadlock`: no execution completes, so that nothing can be said.
enum class Verdict : std::uint8_t { never, sometimes, always, deadlock };

struct FinalState {
	std::string text; ///< 1:r0=0; 1:r1=1; [x]=1;
	std::uint64_t count = 0;
	bool positive = false; ///< the condition holds
};

struct Result {
	std::string file;
	std::string name;
	machine::Memory memory{};
	Quantifier quantifier{};
	std::string condition;
	Verdict verdict = Verdict::never;
	std::uint64_t positive = 0; ///< executions that end in such a state
	std::uint64_t negative = 0;
	std::vector<FinalState> states; ///< in order of their values
	std::uint64_t runs = 0;
	/// All executions were seen. Else `never` and `always` are only what was seen so far.
	bool exhaustive = false;
};

/// Parses and runs. Errors are those of parse(), and accesses that have no meaning.
std::variant<Result, Error> judge(std::string_view text, std::string_view file,
				  machine::Machine &machine, const Options &options);
std::variant<Result, Error> judge(const Test &test, machine::Machine &machine,
				  const Options &options);

/// sc, tso, weak.
std::string_view to_string(machine::Memory memory);
/// Never, Sometimes, Always, DEADLOCK.
std::string_view to_string(Verdict verdict);

/// As herd7 prints it. With `counts`, each state begins with how many executions end in it, as
/// litmus7 prints it.
std::string herd_text(const Result &result, bool counts = false);
/// One JSON object in one line, without the newline.
std::string json_line(const Result &result);

} // namespace lazymm::litmus
