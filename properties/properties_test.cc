// SPDX-License-Identifier: MIT
// Every property under every scheme it is for, as GoogleTest tests.
//
//	properties [--bug ID]		plant that bug in its scheme, and look who speaks
//
// RC_PARAMS=seed=N draws other cases than usual; LAZYMM_FAILURES names the directory of failures,
// which are replayed first next time.
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "core/report/picture.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "properties/name_running_test.h"
#include "properties/saved_test.h"

namespace lazymm::properties
{
namespace
{

std::string failures_directory()
{
	const char *named = std::getenv("LAZYMM_FAILURES");
	return named ? named : LAZYMM_BIN_DIR "/../properties-failures";
}

/// Of RC_PARAMS, as RapidCheck writes it; 0: the usual one.
std::uint64_t seed()
{
	const char *params = std::getenv("RC_PARAMS");
	const char *at = params ? std::strstr(params, "seed=") : nullptr;
	return at ? std::strtoull(at + 5, nullptr, 10) : 0;
}

class PropertyTest : public testing::Test
{
public:
	PropertyTest(const Property &property, std::string scheme, std::string bug)
		: property_(property), scheme_(std::move(scheme)), bug_(std::move(bug))
	{
	}

	void TestBody() override
	{
		const std::string failures = failures_directory();
		CheckOptions options;
		options.bug = bug_;
		options.seed = seed();
		options.first = replayed_first(failures, property_, scheme_, bug_);
		const Checked checked = check(property_, scheme_, options);
		if (checked.failure) {
			report(*checked.failure, failures);
			return;
		}
		for (const std::string &text : uncovered(property_, checked))
			ADD_FAILURE_AT(property_.file, static_cast<int>(property_.line)) << text;
	}

private:
	void report(const Failure &failure, const std::string &failures)
	{
		const Finding &finding = *failure.result.finding;
		const std::string shown = picture(property_, failure);
		std::string saved = failure.from;
		if (!saved.starts_with(failures + "/"))
			saved = save_failure(failures, property_, failure);
		RecordProperty("token", schedule::to_token(failure.schedule));
		RecordProperty("finding", report::title(finding));
		RecordProperty("picture", shown);
		RecordProperty("schedule", saved);
		ADD_FAILURE_AT(finding.file.c_str(), static_cast<int>(finding.line))
			<< property_.promise << '\n'
			<< '\n'
			<< shown << "\nfound by " << failure.from
			<< (failure.again ? "" : "; it did not show when it was run again")
			<< "\nreplayed first next time: " << saved;
	}

	const Property &property_;
	const std::string scheme_, bug_;
};

std::string underscores(std::string name)
{
	std::replace(name.begin(), name.end(), '-', '_');
	return name;
}

void register_test(const Property &property, const std::string &scheme, const std::string &bug)
{
	testing::RegisterTest(
		underscores(property.name).c_str(), underscores(scheme).c_str(), nullptr,
		bug.empty() ? nullptr : bug.c_str(), property.file, static_cast<int>(property.line),
		[&property, scheme, bug] { return new PropertyTest(property, scheme, bug); });
}

/// False: there is no such bug.
bool register_all(const std::string &bug)
{
	const schemes::BugInfo *info = bug.empty() ? nullptr : schemes::find_bug(bug);
	if (!bug.empty() && !info)
		return false;
	for (const Property *property : all_properties())
		for (const char *scheme : schemes_of(*property))
			if (!info || !std::strcmp(scheme, info->scheme))
				register_test(*property, scheme, bug);
	return true;
}

} // namespace
} // namespace lazymm::properties

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	std::string bug;
	if (argc == 3 && !std::strcmp(argv[1], "--bug")) {
		bug = argv[2];
	} else if (argc != 1) {
		std::fprintf(stderr,
			     "properties: unexpected '%s'; usage: properties [--bug ID] "
			     "[--gtest_...]\n",
			     argv[1]);
		return 2;
	}
	if (!lazymm::properties::register_all(bug)) {
		std::fprintf(stderr,
			     "properties: this build has no planted bug '%s'; 'lazymm list bugs' "
			     "has them all\n",
			     bug.c_str());
		return 125;
	}
	lazymm::properties::name_running_schedule_on_death();
	return RUN_ALL_TESTS();
}
