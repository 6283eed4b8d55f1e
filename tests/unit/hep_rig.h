/**
 * @file hep_rig.h  What tests of HEP have
 */
#include "testutil.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/wire.h"
#include "call/event.h"
#include "rtp/rtcp.h"
#include "connectycube_hep/hep.h"
