// SPDX-License-Identifier: MIT
// Text to schedule; the way there is in text.cc. Each step returns false once there is an error,
// which the scanner keeps.
#include "core/schedule/text.h"

#include "core/schedule/names.h"
#include "core/schedule/text_ops.h"
#include "core/schedule/text_settings.h"

namespace lazymm::schedule
{

namespace
{

class Parser
{
public:
	Parser(std::string_view text, std::string_view file_name) : in_(text, file_name) {}

	std::variant<Schedule, ParseError> run()
	{
		if (!head() || !body())
			return std::move(in_.error);
		return std::move(schedule_);
	}

private:
	bool head();
	bool body();
	bool section();

	Scanner in_;
	Schedule schedule_;
	Settings settings_;
	std::optional<unsigned> cpu_; ///< in whose section we are
	std::array<unsigned, kMaxCpus> section_lines_{};
};

bool Parser::head()
{
	in_.next_line();
	const Word magic = in_.word();
	if (magic.text != "lazymm-schedule")
		return in_.fail(magic, "'lazymm-schedule 1'", "a schedule begins with it");
	const Word version = in_.word();
	if (!all_digits(version.text))
		return in_.fail(version, "a version number");
	if (number(version.text, kTextVersion, kTextVersion))
		return in_.end_of_line();
	const std::string ours = std::to_string(kTextVersion);
	in_.error.kind = ParseError::Kind::too_new;
	return in_.fail(version, "version " + ours,
			"this build reads version " + ours + " only; take a newer lazymm");
}

/// "cpu" and digits, whether or not there is such a CPU.
bool names_a_cpu(std::string_view word)
{
	return word.starts_with("cpu") && all_digits(word.substr(3));
}

bool Parser::body()
{
	while (in_.next_line()) {
		const bool read = names_a_cpu(in_.peek().text) ? section()
				  : cpu_ ? read_operation(in_, schedule_, *cpu_)
					 : settings_.read(in_, schedule_);
		if (!read)
			return false;
	}
	return settings_.has_scheme() || in_.fail(in_.word(), "a line 'scheme NAME'");
}

bool Parser::section()
{
	const Word name = in_.word();
	if (!settings_.has_scheme())
		return in_.fail(name, "a line 'scheme NAME' above the first CPU");
	cpu_ = find_operand(OperandKind::cpu, name.text);
	if (!cpu_ || *cpu_ >= schedule_.cpus.size())
		return in_.fail(name, cpu_names(schedule_), "the setting 'cpus' says how many");
	unsigned &line = section_lines_[*cpu_];
	if (line != 0)
		return in_.fail(name, "each CPU once",
				"the first is on line " + std::to_string(line));
	line = name.line;
	return in_.end_of_line();
}

} // namespace

std::variant<Schedule, ParseError> parse_text(std::string_view text, std::string_view file_name)
{
	return Parser(text, file_name).run();
}

} // namespace lazymm::schedule
