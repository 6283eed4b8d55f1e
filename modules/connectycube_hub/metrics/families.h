/**
 * @file connectycube_hub/metrics/families.h
 * All that is exported: docs/METRICS.md
 */

enum metrics_family {

	/* fromrecord.c: calls that are over */
	MET_CALLS = 0,
	MET_PDD,
	MET_SETUP,
	MET_DURATION,
	MET_JITTER,
	MET_RTT,
	MET_MOS,
	MET_PACKETS,
	MET_LOST,
	MET_ONE_WAY,
	MET_DEAD_AIR_CALLS,
	MET_DEAD_AIR,
	MET_LATENCY,
	MET_LATENCY_P99,
	MET_PUSH,               /* failed: fromevent.c */
	MET_PUSH_ONLINE,
	MET_CALL_RECORDINGS,

	/* fromevent.c */
	MET_REG_FAILURES,
	MET_CLOUD_LOSSES,
	MET_PBX_EVENTS,

	/* recordings that the hub has made */
	MET_RECORDINGS,

	/* what there is: extensions, calls */
	MET_EXT_UP,
	MET_REGISTERED,
	MET_CLOUD,
	MET_CLOUD_REFUSED,
	MET_DRAINING,
	MET_ACTIVE,
	MET_TRANSCODED,
	MET_SPOOL,
	MET_SPOOL_LOST,
	MET_STALL,

	/* collect.c: the hub */
	MET_BRIDGES,
	MET_RECORDS,
	MET_REPEATED,
	MET_STORED,
	MET_INBOX_WAITING,
	MET_INBOX_FAILURES,
	MET_SINK_UP,
	MET_SINK_DONE,
	MET_SINK_FAILURES,
	MET_SINK_WAITING,
	MET_SINK_OLDEST,
	MET_SINK_RETRIED,
	MET_SINK_DEAD,
	MET_WEBHOOK,
	MET_REC_SPOOL,
	MET_REC_FAILING,
	MET_DISK_FREE,
	MET_DISK_SIZE,
	MET_SERIES,
	MET_DROPPED,
	MET_BUILD,

	/* process.c */
	MET_PROC_START,
	MET_PROC_CPU,
	MET_PROC_RESIDENT,
	MET_PROC_VIRTUAL,
	MET_PROC_FDS,
	MET_PROC_FDS_MAX,

	MET_FAMILIES,
};

enum {
	METRICS_SERIES = 20000, /**< Most series                           */
	METRICS_KEEP = 3600000, /**< Those of an extension that is gone stay
				     so long [ms]                          */
};

extern const struct metric_desc metrics_familyv[MET_FAMILIES];
