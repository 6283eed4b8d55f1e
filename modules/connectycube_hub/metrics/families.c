/**
 * @file connectycube_hub/metrics/families.c
 * All that is exported, with its labels and buckets
 */
#include <re_types.h>
#include "registry.h"
#include "families.h"

#define NAME(name) "connectycube_" name

/** Names of labels, each family's in their order */
#define EXT         {"extension"}
#define EXT_DIR     {"extension", "dir"}
#define EXT_LEG     {"extension", "leg"}
#define EXT_LEG_DIR {"extension", "leg", "dir"}
#define EXT_RESULT  {"extension", "result"}

/** Bounds of buckets, in the unit of their family */
#define B_PDD      {0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 12, 20, 30}
#define B_SETUP    {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10}
#define B_DURATION {5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200}
#define B_JITTER   {0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2}
#define B_RTT      {0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1}
#define B_MOS      {1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.2, 4.4}
#define B_LATENCY  {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, \
		    0.025, 0.05, 0.1, 0.25}
#define B_ONLINE   {0.5, 1, 2, 3, 5, 8, 12, 20, 30}
#define B_STALL    {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}

#define C METRIC_COUNTER
#define G METRIC_GAUGE
#define H METRIC_HISTOGRAM


const struct metric_desc metrics_familyv[MET_FAMILIES] = {

	[MET_CALLS] = {NAME("calls_total"),
		"Calls that are over, refused ones too, by what became of them"
		" and why they ended.", C,
		{"extension", "dir", "result", "reason"}, {0}},
	[MET_PDD] = {NAME("call_pdd_seconds"),
		"Post-dial delay: from the beginning of a call to its first"
		" ringing.", H, EXT_DIR, B_PDD},
	[MET_SETUP] = {NAME("call_setup_seconds"),
		"From the answer until media could flow.", H, EXT_DIR,
		B_SETUP},
	[MET_DURATION] = {NAME("call_duration_seconds"),
		"From the answer to the end, of answered calls.", H, EXT_DIR,
		B_DURATION},
	[MET_JITTER] = {NAME("jitter_seconds"),
		"Mean jitter of a party's audio in a call; dir rx: what came"
		" from it, tx: what it says of what went to it.", H,
		EXT_LEG_DIR, B_JITTER},
	[MET_RTT] = {NAME("rtt_seconds"),
		"Mean round trip between a party and the bridge in a call.",
		H, EXT_LEG, B_RTT},
	[MET_MOS] = {NAME("mos"),
		"Estimated quality of a party's audio in a call, 1 to 4.5"
		" (E-model).", H, EXT_LEG_DIR, B_MOS},
	[MET_PACKETS] = {NAME("rtp_packets_total"),
		"RTP packets of audio, of calls that are over.", C,
		EXT_LEG_DIR, {0}},
	[MET_LOST] = {NAME("rtp_lost_total"),
		"RTP packets of audio that were lost, of calls that are"
		" over.", C, EXT_LEG_DIR, {0}},
	[MET_ONE_WAY] = {NAME("one_way_calls_total"),
		"Calls in which a party was not heard while the other one"
		" was; leg: who was not.", C, EXT_LEG, {0}},
	[MET_DEAD_AIR_CALLS] = {NAME("dead_air_calls_total"),
		"Calls in which nobody was heard for a while.", C, EXT, {0}},
	[MET_DEAD_AIR] = {NAME("dead_air_seconds_total"),
		"Time in which nobody was heard in a call.", C, EXT, {0}},
	[MET_LATENCY] = {NAME("bridge_latency_seconds"),
		"From when the kernel had a packet of a party to when it was"
		" sent on: median of each call.", H, EXT_LEG, B_LATENCY},
	[MET_LATENCY_P99] = {NAME("bridge_latency_p99_seconds"),
		"The same: 99th percentile of each call.", H, EXT_LEG,
		B_LATENCY},
	[MET_PUSH] = {NAME("push_total"),
		"Push notifications of calls: sent, failed, and calls whose"
		" app came online by one.", C, EXT_RESULT, {0}},
	[MET_PUSH_ONLINE] = {NAME("push_online_seconds"),
		"From a push to when an app was there.", H, EXT, B_ONLINE},
	[MET_CALL_RECORDINGS] = {NAME("call_recordings_total"),
		"Recordings as they were when their call ended.", C,
		EXT_RESULT, {0}},

	[MET_REG_FAILURES] = {NAME("sip_registration_failures_total"),
		"Times that a SIP registration was lost or refused.", C, EXT,
		{0}},
	[MET_CLOUD_LOSSES] = {NAME("cloud_losses_total"),
		"Times that the cloud link was lost (offline) or its login"
		" refused.", C, {"extension", "reason"}, {0}},
	[MET_PBX_EVENTS] = {NAME("pbx_events_total"),
		"What became of channels of the extension's device at its PBX, as"
		" its manager told.", C, {"extension", "event"}, {0}},
	[MET_RECORDINGS] = {NAME("recordings_total"),
		"Recordings that the hub has finished, or found to be no"
		" use.", C, EXT_RESULT, {0}},

	[MET_EXT_UP] = {NAME("extension_up"),
		"The extension's bridge is connected to the hub.", G, EXT,
		{0}},
	[MET_REGISTERED] = {NAME("sip_registered"),
		"The extension is registered at its SIP server.", G, EXT,
		{0}},
	[MET_CLOUD] = {NAME("cloud_connected"),
		"The extension's link to the cloud is online.", G, EXT, {0}},
	[MET_CLOUD_REFUSED] = {NAME("cloud_refused"),
		"The cloud refuses the extension's login.", G, EXT, {0}},
	[MET_DRAINING] = {NAME("draining"),
		"The extension's bridge takes no more calls.", G, EXT, {0}},
	[MET_ACTIVE] = {NAME("calls_active"),
		"Calls that there are now.", G, EXT_DIR, {0}},
	[MET_TRANSCODED] = {NAME("transcoded_active"),
		"Calls that there are now whose audio is transcoded.", G, EXT,
		{0}},
	[MET_SPOOL] = {NAME("bridge_spool_records"),
		"Records that wait in the bridge for the hub.", G, EXT, {0}},
	[MET_SPOOL_LOST] = {NAME("bridge_records_lost_total"),
		"Records that the bridge had no room for.", C, EXT, {0}},
	[MET_STALL] = {NAME("loop_stall_seconds"),
		"How late a timer of the bridge was while there were calls.",
		H, EXT, B_STALL},

	[MET_BRIDGES] = {NAME("bridges_connected"),
		"Bridges that are connected to the hub.", G, {NULL}, {0}},
	[MET_RECORDS] = {NAME("records_total"),
		"Records that were stored, each once.", C, {NULL}, {0}},
	[MET_REPEATED] = {NAME("records_repeated_total"),
		"Records that came again, and were stored already.", C,
		{NULL}, {0}},
	[MET_STORED] = {NAME("records_stored"),
		"Records in the hub's database.", G, {NULL}, {0}},
	[MET_INBOX_WAITING] = {NAME("records_waiting"),
		"Records that wait in the hub to be stored.", G, {NULL},
		{0}},
	[MET_INBOX_FAILURES] = {NAME("records_store_failures"),
		"Tries to store records that have failed, one after the"
		" other; 0: it works.", G, {NULL}, {0}},
	[MET_SINK_UP] = {NAME("sink_up"),
		"The last try of a sink did not fail.", G, {"sink"}, {0}},
	[MET_SINK_DONE] = {NAME("sink_delivered_total"),
		"Records that a sink has handed on.", C, {"sink"}, {0}},
	[MET_SINK_FAILURES] = {NAME("sink_failures_total"),
		"Tries of a sink that have failed: refused, down.", C,
		{"sink", "reason"}, {0}},
	[MET_SINK_WAITING] = {NAME("sink_waiting_records"),
		"Records that a sink has not tried yet.", G, {"sink"}, {0}},
	[MET_SINK_OLDEST] = {NAME("sink_oldest_seconds"),
		"Age of the oldest record that a sink has still to hand on.",
		G, {"sink"}, {0}},
	[MET_SINK_RETRIED] = {NAME("sink_retrying_records"),
		"Records that a sink has tried, and tries again.", G,
		{"sink"}, {0}},
	[MET_SINK_DEAD] = {NAME("sink_dead_letters"),
		"Records that a sink has given up.", G, {"sink"}, {0}},
	[MET_WEBHOOK] = {NAME("webhook_deliveries_total"),
		"Requests to the web server: ok, refused, down.", C,
		{"result"}, {0}},
	[MET_REC_SPOOL] = {NAME("recording_spool_files"),
		"Raw files of recordings: written, waiting, at_work, aside.",
		G, {"state"}, {0}},
	[MET_REC_FAILING] = {NAME("recordings_failing"),
		"Recordings whose last try to finish them has failed.", G,
		{NULL}, {0}},
	[MET_DISK_FREE] = {NAME("disk_free_bytes"),
		"Free space where something is written.", G, {"place"}, {0}},
	[MET_DISK_SIZE] = {NAME("disk_size_bytes"),
		"Size of the file system where something is written.", G,
		{"place"}, {0}},
	[MET_SERIES] = {NAME("metrics_series"),
		"Series that there are.", G, {NULL}, {0}},
	[MET_DROPPED] = {NAME("metrics_dropped_total"),
		"Values that were dropped since there are too many series.",
		C, {NULL}, {0}},
	[MET_BUILD] = {NAME("build_info"),
		"What runs: the value is 1.", G, {"version", "libre"}, {0}},

	[MET_PROC_START] = {"process_start_time_seconds",
		"When the hub was started, since 1970.", G, {NULL}, {0}},
	[MET_PROC_CPU] = {"process_cpu_seconds_total",
		"CPU time of the hub.", C, {NULL}, {0}},
	[MET_PROC_RESIDENT] = {"process_resident_memory_bytes",
		"Resident memory of the hub.", G, {NULL}, {0}},
	[MET_PROC_VIRTUAL] = {"process_virtual_memory_bytes",
		"Virtual memory of the hub.", G, {NULL}, {0}},
	[MET_PROC_FDS] = {"process_open_fds",
		"Open file descriptors of the hub.", G, {NULL}, {0}},
	[MET_PROC_FDS_MAX] = {"process_max_fds",
		"Most file descriptors that the hub may have open.", G,
		{NULL}, {0}},
};
