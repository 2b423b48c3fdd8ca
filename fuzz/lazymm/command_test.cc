// SPDX-License-Identifier: MIT
// The verbs at work, from the command line to what stands in files afterwards.
#include "fuzz/lazymm/command_test.h"

#include "core/report/json.h"
#include "core/schedule/text.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;
using report::Json;

/// A live mm freed by CPU hotplug: the failure that rcutorture found.
constexpr const char *kWitness = "lazymm-schedule 1\nscheme lazymm-2021\nmemory sc\ncpus 2\n\n"
				 "cpu0\ncpu1\n  switch kthread\n  offline cpu0\n";
constexpr const char *kPasses = "lazymm-schedule 1\nscheme refcount\nmemory sc\ncpus 2\n\n"
				"cpu0\n  fork B\ncpu1\n  switch B\n";

class Command : public testing::Test
{
protected:
	Command()
	{
		char name[] = "/tmp/lazymm-command-XXXXXX";
		directory_ = mkdtemp(name);
	}
	~Command() override { fs::remove_all(directory_); }

	std::string path(const std::string &name) const { return directory_ + "/" + name; }
	std::string file(const std::string &name, const std::string &text) const
	{
		std::ofstream(path(name), std::ios::binary) << text;
		return path(name);
	}
	static std::string read(const std::string &name)
	{
		std::ifstream in(name, std::ios::binary);
		return { std::istreambuf_iterator<char>(in), {} };
	}
	std::size_t files(const std::string &name) const
	{
		return static_cast<std::size_t>(std::distance(fs::directory_iterator(path(name)),
							      fs::directory_iterator()));
	}

private:
	std::string directory_;
};

TEST_F(Command, EveryVerbHasHelpWithAnExample)
{
	for (const Verb &verb : verbs()) {
		const Captured help = capture({ verb.name, "--help" });
		EXPECT_EQ(help.status, kClean) << verb.name;
		EXPECT_NE(help.out.find(std::string("example: lazymm ") + verb.name),
			  std::string::npos)
			<< help.out;
		EXPECT_EQ(help.err, "");
	}
	EXPECT_EQ(capture({ "--help" }).status, kClean);
	EXPECT_EQ(capture({ "--version" }).out.find("lazymm "), 0u);
}

TEST_F(Command, ListsAsJson)
{
	const Json all = Json::parse(capture({ "list", "--json" }).out);
	for (const char *kind : { "schemes", "bugs", "oracles", "operations", "strategies",
				  "properties", "sites", "formats" }) {
		const Json one = Json::parse(capture({ "list", kind, "--json" }).out);
		EXPECT_EQ(one, all[kind]) << kind;
		EXPECT_FALSE(one.empty()) << kind;
	}
	for (const Json &scheme : all["schemes"])
		EXPECT_TRUE(scheme["expect"] == "sound" || scheme["expect"] == "broken");
	for (const Json &scheme : all["schemes"]) {
		if (scheme["expect"] == "sound")
			EXPECT_TRUE(scheme["broken"].is_null()) << scheme;
		EXPECT_GT(scheme["lazy_switch"]["barriers"], 0) << scheme;
	}
	// What is known of three of them.
	const auto costs = [&](const char *name) {
		for (const Json &scheme : all["schemes"])
			if (scheme["name"] == name)
				return scheme;
		return Json();
	};
	EXPECT_EQ(costs("refcount")["lazy_switch"]["rmws"], 2);
	EXPECT_EQ(costs("refcount")["exit"]["deferred"], 1);
	EXPECT_EQ(costs("no-lazy")["lazy_switch"]["rmws"], 0);
	EXPECT_EQ(costs("no-lazy")["lazy_switch"]["loads"], 2);
	EXPECT_EQ(costs("shootdown-all")["exit"]["ipis"], 1);
	EXPECT_EQ(costs("shootdown-all")["exit"]["deferred"], 0);
	for (const Json &bug : all["bugs"]) {
		for (const char *key :
		     { "id", "scheme", "oracle", "provenance", "memory", "where" })
			EXPECT_TRUE(bug[key].is_string()) << key;
	}
}

TEST_F(Command, PropertiesAreListedReplayedAndHeldAgainstBugs)
{
	const Json all = Json::parse(capture({ "list", "properties", "--json" }).out);
	const auto balanced = std::find_if(all.begin(), all.end(), [](const Json &property) {
		return property["name"] == "mm-count-balanced";
	});
	ASSERT_NE(balanced, all.end());
	EXPECT_EQ((*balanced)["twin"], "rc-missing-grab-u2k");
	EXPECT_FALSE((*balanced)["covers"].empty());

	const Captured matrix = capture({ "matrix", "--properties", "--bugs", "rc-missing-grab-u2k",
					  "--cases", "200", "--json" });
	EXPECT_EQ(matrix.status, kClean) << matrix.err;
	std::istringstream rows(matrix.out);
	std::string token;
	for (std::string row; std::getline(rows, row);)
		if (const Json json = Json::parse(row); json["property"] == "mm-count-balanced") {
			EXPECT_EQ(json["caught"], true);
			EXPECT_EQ(json["twin"], true);
			token = json["token"];
		}
	const Captured replayed = capture({ "replay", token, "--property", "mm-count-balanced" });
	EXPECT_EQ(replayed.status, kViolation) << replayed.err;
	EXPECT_EQ(replayed.out.find("lazymm: VIOLATION mm-count-balanced: "), 0u) << replayed.out;
	EXPECT_NE(replayed.out.find("--property mm-count-balanced"), std::string::npos);
	const Captured silent =
		capture({ "replay", "-", "--property", "mm-count-balanced" }, kPasses);
	EXPECT_EQ(silent.status, kClean) << silent.out;

	const Captured missed = capture(
		{ "matrix", "--properties", "--bugs", "rc-prev-mm-not-cleared", "--cases", "1" });
	EXPECT_EQ(missed.status, kViolation) << missed.out;
	EXPECT_NE(missed.out.find("not caught       1 cases"), std::string::npos) << missed.out;
	EXPECT_NE(missed.out.find("(its twin)"), std::string::npos);
}

TEST_F(Command, MatrixShowsRowsThatAreThere)
{
	const auto found = [](const char *strategy) {
		return capture({ "matrix", "--bugs", "rc-missing-grab-u2k", "--seeds", "1",
				 "--runs", "50000", "--seconds", "0", "--strategies", strategy,
				 "--json" })
			.out;
	};
	const std::string pos = found("pos"), surw = found("surw");
	const std::string rows = file("rows", surw + pos);
	EXPECT_EQ(capture({ "matrix", "--render", rows, "--json" }).out, pos + surw);
	const std::string table = capture({ "matrix", "--render", rows, "--markdown" }).out;
	EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4) << table;
	EXPECT_NE(table.find("| rc-missing-grab-u2k | pos | 1/1 |"), std::string::npos) << table;
	EXPECT_EQ(capture({ "matrix", "--render", file("wrong", "{\"bug\":\"x\"}\n") }).status,
		  kUsage);
	EXPECT_EQ(capture({ "matrix", "--render", file("no", "text\n") }).status, kUsage);
}

TEST_F(Command, CoverageCountsOrders)
{
	fs::create_directories(path("corpus/refcount"));
	file("corpus/refcount/one.sched", kPasses);
	const auto row = [&](const Arguments &more) {
		Arguments arguments{ "coverage", "--scheme", "refcount", "--json" };
		arguments.insert(arguments.end(), more.begin(), more.end());
		const Captured captured = capture(arguments);
		EXPECT_EQ(captured.status, kClean) << captured.err;
		return Json::parse(captured.out);
	};
	const Json corpus = row({ "--corpus", path("corpus"), "--runs", "0" });
	EXPECT_EQ(corpus["corpus"], 1);
	EXPECT_EQ(corpus["runs"], 1);
	EXPECT_GT(corpus["pairs"], 0);
	EXPECT_EQ(corpus["pairs"],
		  corpus["both_orders"].get<std::size_t>() + corpus["one_order"].size());
	const Json searched = row({ "--corpus", path("corpus"), "--runs", "300" });
	EXPECT_EQ(searched["runs"], 301);
	EXPECT_GT(searched["both_orders"], corpus["both_orders"]);
	EXPECT_EQ(searched, row({ "--corpus", path("corpus"), "--runs", "300" }));

	const Captured text = capture({ "coverage", "--scheme", "refcount", "--runs", "500" });
	EXPECT_NE(text.out.find(", in one order only:\n"), std::string::npos) << text.out;
	EXPECT_EQ(capture({ "coverage", "--corpus", path("none") }).status, kUsage);
	EXPECT_EQ(capture({ "coverage", "--runs", "0" }).status, kUsage);
}

TEST_F(Command, ReplaySaysWhetherThereIsAViolation)
{
	const Captured bad = capture({ "replay", "-" }, kWitness);
	EXPECT_EQ(bad.status, kViolation) << bad.err;
	EXPECT_EQ(bad.out.find("lazymm: VIOLATION "), 0u) << bad.out;
	const Captured good = capture({ "replay", file("good.sched", kPasses) });
	EXPECT_EQ(good.status, kClean) << good.err;
	EXPECT_EQ(good.out.find("lazymm: no violation"), 0u) << good.out;
	// Another scheme's schedule: does it help?
	EXPECT_EQ(capture({ "replay", "-", "--scheme", "lazymm-2022" }, kWitness).status, kClean);
	EXPECT_EQ(capture({ "replay", "-", "--oracles", "data-race" }, kWitness).status, kClean);
}

TEST_F(Command, ReplayIsTheSameOnBothEngines)
{
	EXPECT_EQ(capture({ "replay", "-", "--trace" }, kWitness).out,
		  capture({ "replay", "-", "--trace", "--engine", "threads" }, kWitness).out);
}

TEST_F(Command, DiffSaysWhetherSchemesAgree)
{
	const Captured same = capture({ "diff", "-", "--orders", "5" }, kPasses);
	EXPECT_EQ(same.status, kClean) << same.err;
	EXPECT_NE(same.out.find(" agree in "), std::string::npos) << same.out;
	EXPECT_NE(same.out.find("IPIs"), std::string::npos) << same.out;
	// lazymm-2021 frees a live mm; no-lazy does not.
	const Captured differ = capture({ "diff", "-", "--json" }, kWitness);
	EXPECT_EQ(differ.status, kViolation) << differ.out;
	const Json json = Json::parse(differ.out);
	EXPECT_FALSE(json["agree"]);
	EXPECT_TRUE(json["sides"][0]["violation"]);
	EXPECT_FALSE(json["sides"][1]["violation"]);
	EXPECT_EQ(capture({ "diff", "-", "--with", "no-such" }, kWitness).status, kCannotTell);
}

TEST_F(Command, ShowGoesThroughAllForms)
{
	EXPECT_EQ(capture({ "show", "-" }, kWitness).out, kWitness);
	const std::string token = capture({ "show", "-", "--as", "token" }, kWitness).out;
	EXPECT_EQ(capture({ "show", token }).out, kWitness);
	EXPECT_EQ(capture({ "show", "-" }, "# mail says\n" + token).out, kWitness);
	const std::string bytes = capture({ "bytes", "-" }, kWitness).out;
	EXPECT_EQ(bytes, capture({ "show", "-", "--as", "bytes" }, kWitness).out);
	EXPECT_EQ(capture({ "show", "-", "--scheme", "lazymm-2021" }, bytes).out, kWitness);
	const Captured picture = capture({ "show", "-", "--as", "picture" }, kPasses);
	EXPECT_EQ(picture.status, kClean);
	EXPECT_EQ(picture.out, capture({ "replay", "-" }, kPasses).out);
}

TEST_F(Command, RunFindsMinimizesAndWritesWitnesses)
{
	const Arguments run = { "run",	  "--scheme", "lazymm-2021", "--ops",	 "hotplug",
				"--runs", "200000",   "--out",	     path("out") };
	const Captured first = capture(run);
	ASSERT_EQ(first.status, kViolation) << first.out << first.err;
	EXPECT_EQ(first.out.find("lazymm: VIOLATION "), 0u);
	EXPECT_NE(first.out.find("  minimal: "), std::string::npos);
	const std::size_t at = first.out.find("  witness: ");
	ASSERT_NE(at, std::string::npos) << first.out;
	std::string witness = first.out.substr(at + 11);
	witness.pop_back();
	EXPECT_EQ(capture({ "replay", witness }).status, kViolation);

	const std::string before = read(witness);
	EXPECT_EQ(capture(run).status, kViolation);
	EXPECT_EQ(files("out"), 2u); // a new name, nothing left over
	EXPECT_EQ(read(witness), before);
}

TEST_F(Command, RunAsJson)
{
	const Captured found =
		capture({ "run", "--scheme", "lazymm-2021", "--runs", "200000", "--json" });
	const Json json = Json::parse(found.out);
	EXPECT_EQ(found.status, kViolation);
	EXPECT_EQ(json["violation"], true);
	EXPECT_GE(json["search"]["runs"], 1);
	const Captured clean =
		capture({ "run", "--scheme", "refcount", "--runs", "300", "--json" });
	EXPECT_EQ(clean.status, kClean) << clean.out;
	EXPECT_EQ(Json::parse(clean.out)["search"]["runs"], 300);
}

TEST_F(Command, ACleanRunIsThreeLinesAtMost)
{
	const Captured clean = capture({ "run", "--scheme", "refcount", "--runs", "300" });
	EXPECT_EQ(clean.status, kClean) << clean.out;
	EXPECT_LE(std::count(clean.out.begin(), clean.out.end(), '\n'), 3);
	EXPECT_EQ(clean.err, "");
}

TEST_F(Command, RunSaysWhereASchemeDoesNotBelong)
{
	const Arguments arguments{ "run",    "--scheme", "shootdown", "--runs", "1",
				   "--arch", "x86",	 "--ops",     "touch" };
	const Captured unsuited = capture(arguments);
	EXPECT_EQ(unsuited.status, kClean);
	EXPECT_EQ(unsuited.err.find("lazymm run: shootdown is not made for x86: the flush"), 0u)
		<< unsuited.err;
	EXPECT_EQ(std::count(unsuited.err.begin(), unsuited.err.end(), '\n'), 1);
	Arguments elsewhere = arguments;
	elsewhere[6] = "powerpc";
	EXPECT_EQ(capture(elsewhere).err, "");
	// The list says the same.
	EXPECT_NE(capture({ "list", "schemes" }).out.find("\n    not_for: x86: the flush"),
		  std::string::npos);
}

TEST_F(Command, RunStartsFromACorpus)
{
	fs::create_directory(path("corpus"));
	file("corpus/witness.sched", kWitness);
	file("corpus/README.md", "not a schedule");
	file("corpus/broken.sched", "lazymm-schedule 1\nsheme\n");
	file("corpus/raw", std::string("\x00\x01", 2));
	const Captured found =
		capture({ "run", "--scheme", "lazymm-2021", "--oracles", "mm-count", "--runs",
			  "200000", "--corpus", path("corpus"), "--no-minimize" });
	EXPECT_EQ(found.status, kViolation) << found.out;
	EXPECT_NE(found.err.find("left out of the corpus: "), std::string::npos) << found.err;
	EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1) << found.err;
}

TEST_F(Command, MinimizeWritesWhatItShows)
{
	const std::string longer = std::string(kWitness) + "  touch\n  sync_rcu\n";
	const Captured shown = capture({ "minimize", "-", "-o", path("small.sched") }, longer);
	EXPECT_EQ(shown.status, kViolation) << shown.err;
	const std::string written = read(path("small.sched"));
	EXPECT_EQ(written.find("# "), 0u);
	EXPECT_EQ(capture({ "replay", path("small.sched") }).status, kViolation);
	const Captured text = capture({ "show", path("small.sched") });
	EXPECT_EQ(shown.out.find(text.out), 0u) << shown.out;

	const Captured again = capture({ "minimize", "-", "-o", path("small.sched") }, longer);
	EXPECT_EQ(again.status, kUsage);
	EXPECT_EQ(read(path("small.sched")), written);
	EXPECT_EQ(capture({ "minimize", "-" }, kPasses).status, kClean);
}

TEST_F(Command, AFullDiskIsAnError)
{
	std::FILE *full = std::fopen("/dev/full", "w");
	ASSERT_NE(full, nullptr);
	std::FILE *err = std::tmpfile();
	{
		Console console(stdin, full, err);
		EXPECT_EQ(run_command({ "list" }, console), kUsage);
	}
	EXPECT_NE(content(err).find("No space left on device"), std::string::npos);
	std::fclose(full);
	std::fclose(err);

	std::signal(SIGXFSZ, SIG_IGN);
	rlimit old{};
	getrlimit(RLIMIT_FSIZE, &old);
	const rlimit tiny{ 16, old.rlim_max };
	std::string message;
	{
		NewFile file(path("."));
		setrlimit(RLIMIT_FSIZE, &tiny);
		try {
			file.write(std::string(100, 'x'));
		} catch (const Failure &failure) {
			message = failure.message;
		}
		setrlimit(RLIMIT_FSIZE, &old);
	}
	EXPECT_NE(message.find("File too large"), std::string::npos) << message;
	EXPECT_EQ(files("."), 0u);
}

TEST_F(Command, AnInterruptEndsWithTheSummary)
{
	std::thread user([] {
		std::this_thread::sleep_for(std::chrono::milliseconds(300));
		kill(getpid(), SIGINT);
	});
	const Captured ended = capture({ "run", "--scheme", "refcount", "--seconds", "600" });
	user.join();
	EXPECT_EQ(ended.status, 128 + SIGINT);
	EXPECT_NE(ended.out.find("interrupted"), std::string::npos) << ended.out;
}

TEST_F(Command, ColourIsAskedFor)
{
	const std::string plain = capture({ "replay", "-" }, kWitness).out;
	EXPECT_EQ(plain.find('\033'), std::string::npos);
	EXPECT_NE(capture({ "replay", "-", "--color", "always" }, kWitness).out.find('\033'),
		  std::string::npos);
	setenv("CLICOLOR_FORCE", "1", 1);
	EXPECT_NE(capture({ "replay", "-" }, kWitness).out, plain);
	setenv("NO_COLOR", "1", 1);
	EXPECT_EQ(capture({ "replay", "-" }, kWitness).out, plain);
	unsetenv("NO_COLOR");
	EXPECT_EQ(capture({ "replay", "-", "--color", "never" }, kWitness).out, plain);
	unsetenv("CLICOLOR_FORCE");
}

TEST_F(Command, DoctorSeesThePlantedRace)
{
	const Captured doctor = capture({ "doctor" });
	EXPECT_EQ(doctor.status, kClean) << doctor.out;
	EXPECT_EQ(doctor.out.find("not ok"), std::string::npos) << doctor.out;
	EXPECT_NE(doctor.out.find("sees a planted race"), std::string::npos);
}

TEST_F(Command, DoctorAsJson)
{
	const Json checks = Json::parse(capture({ "doctor", "--json" }).out);
	ASSERT_FALSE(checks.empty());
	for (const Json &check : checks)
		EXPECT_TRUE(check["verdict"] == "ok" || check["verdict"] == "note") << check;
}

// What the kernel does is the kernel's: neither status is a failure of ours.
TEST_F(Command, DoctorChecksTheKernelsMembarrier)
{
	const Captured doctor = capture({ "doctor", "--membarrier", "--seconds", "0.2" });
	EXPECT_TRUE(doctor.status == kClean || doctor.status == kViolation) << doctor.err;
	EXPECT_EQ(doctor.err, "");
	EXPECT_NE(doctor.out.find("QUERY "), std::string::npos) << doctor.out;
	EXPECT_EQ(doctor.out.find("\nnot ok ") != std::string::npos, doctor.status == kViolation)
		<< doctor.out;
	EXPECT_EQ(doctor.out.find("\nlazymm: VIOLATION of the running kernel") != std::string::npos,
		  doctor.status == kViolation)
		<< doctor.out;
	EXPECT_EQ(doctor.out.find("\nlazymm: no violation seen") != std::string::npos,
		  doctor.status == kClean)
		<< doctor.out;
}

TEST_F(Command, DoctorChecksTheKernelsMembarrierAsJson)
{
	const Captured doctor = capture({ "doctor", "--membarrier", "--seconds", "0.2", "--json" });
	const Json json = Json::parse(doctor.out);
	EXPECT_EQ(doctor.status, json["violation"] == true ? kViolation : kClean) << doctor.out;
	EXPECT_EQ(json["interrupted"], false);
	ASSERT_FALSE(json["checks"].empty());
	EXPECT_EQ(json["checks"][0]["what"], "QUERY");
	bool violation = false;
	for (const Json &check : json["checks"]) {
		EXPECT_FALSE(check["text"].get<std::string>().empty()) << check;
		violation |= check["verdict"] == "violation";
		if (check["counts"].contains("forbidden") && check["verdict"] != "violation" &&
		    check["counts"].value("command", "") != "no call")
			EXPECT_EQ(check["counts"]["forbidden"], 0) << check;
	}
	EXPECT_EQ(violation, json["violation"] == true);
	EXPECT_EQ(capture({ "doctor", "--seconds", "1" }).status, kUsage);
}

TEST_F(Command, AnInterruptEndsDoctorWithItsSummary)
{
	// Not a thread: TSan wants no threads beside one that forks.
	const pid_t user = fork();
	if (user == 0) {
		usleep(300'000);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	const Captured ended = capture({ "doctor", "--membarrier", "--seconds", "600" });
	waitpid(user, nullptr, 0);
	if (ended.out.find("nothing can be checked") == std::string::npos) {
		EXPECT_TRUE(ended.status == 128 + SIGINT || ended.status == kViolation)
			<< ended.status << ended.out;
		EXPECT_NE(ended.out.find("interrupted"), std::string::npos) << ended.out;
	}
}

} // namespace
} // namespace lazymm::command

// Not gtest_main's: the library of the command has a main() too, and comes first.
int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
