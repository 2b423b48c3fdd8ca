// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/command.h"

int main(int argc, char **argv)
{
	return lazymm::command_main(argc, argv);
}
