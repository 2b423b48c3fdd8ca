#!/bin/bash
# SPDX-License-Identifier: MIT
# Forwards to ci/oss-fuzz/build.sh.
set -euo pipefail
exec "${LAZYMM_SOURCE:-$SRC/lazymm}/ci/oss-fuzz/build.sh"
