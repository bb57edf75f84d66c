#pragma once

/// Everything that a host needs: `Engine` and the types in its signatures. A host that brings its
/// own log, files or network also includes eventflux/context.hpp or eventflux/transport.hpp.
#include "eventflux/engine.hpp"
#include "eventflux/version.hpp"
