// SPDX-License-Identifier: MIT
// lazymm show, lazymm bytes: one schedule in another form.
#include "core/schedule/bytes.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

enum class Form { text, token, bytes, picture, json };
constexpr std::string_view kForms[] = { "text", "token", "bytes", "picture", "json" };

std::string in_form(const schedule::Schedule &schedule, const std::string &where, Form form,
		    const report::Style &style)
{
	switch (form) {
	case Form::text:
		return schedule::to_text(schedule);
	case Form::token:
		return schedule::to_token(schedule) + '\n';
	case Form::bytes: {
		const std::vector<std::uint8_t> bytes = schedule::encode(schedule);
		return { bytes.begin(), bytes.end() };
	}
	case Form::json:
		return report::dump(report::to_json(schedule));
	case Form::picture:
		break;
	}
	Runner runner;
	prepare(runner, schedule, where);
	report::PictureOptions options;
	options.style = style;
	return report::picture(schedule, run_twice(runner, schedule, {}), options);
}

int show_as(CommandLine &line, Form form, const std::string *form_name, const Arguments &arguments,
	    Console &console)
{
	const Source source(line.app());
	std::string output;
	line.app().add_option("-o,--output", output, "write to a new file")->type_name("FILE");
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (form_name)
		form = static_cast<Form>(choose("--as", *form_name, kForms));
	const schedule::Schedule schedule = source.load(console);
	if (output.empty()) {
		console.print(in_form(schedule, source.name(), form, console.style()));
		return kClean;
	}
	const Path path = split_path(output);
	NewFile file(path.directory);
	write_named(file, path.file, in_form(schedule, source.name(), form, {}));
	return kClean;
}

} // namespace

int show(const Arguments &arguments, Console &console)
{
	CommandLine line("show",
			 "Shows one schedule in another form. A picture is of a run, with a "
			 "violation or without.",
			 "lazymm show LMM1:lazymm-2021:ACG9 --as picture");
	std::string form_name = "text";
	line.app()
		.add_option("--as", form_name, "text, token, bytes, picture or json")
		->type_name("FORM");
	return show_as(line, Form::text, &form_name, arguments, console);
}

int bytes(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"bytes",
		"Shows one schedule as the bytes that a fuzz target reads; they do not say "
		"the scheme.",
		"lazymm bytes corpus/refcount/exit.sched -o seed");
	return show_as(line, Form::bytes, nullptr, arguments, console);
}

} // namespace lazymm::command
