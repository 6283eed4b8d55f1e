/**
 * @file fuzz_metrics.c  Whatever bridges tell: what Prometheus is told is
 *                       lines of metrics, and no more than there may be
 *
 * A line of the input is one thing that is told: its kind, then JSON.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"
#include "connectycube_hub/live/live.h"
#include "connectycube_hub/metrics/registry.h"
#include "connectycube_hub/metrics/families.h"
#include "connectycube_hub/metrics/metrics.h"


enum { SERIES = 400 };

static struct metrics *m;
static struct hlive *live;
static bool herev[5];          /* bridges, by connection */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void tell_live(struct hub_tell *t, uint64_t now)
{
	const struct hub_tell came = {.what = HUB_TOLD_CAME, .conn = t->conn,
		.bridge = t->bridge};

	if (!herev[t->conn])
		hlive_tell(live, &came, now);
	herev[t->conn] = t->what != HUB_TOLD_WENT;

	hlive_tell(live, t, now);
	if (t->what == HUB_TOLD_STATE)
		metrics_state(m, t->body, now);
}


static void tell(const char *line, size_t len, uint64_t now)
{
	static const char *const namev[] = {"", "a", "b", "c", "d"};
	struct hub_tell t = {.conn = ((line[0] >> 5) & 3) + 1};
	json_t *j = json_loadb(line + 1, len - 1, JSON_REJECT_DUPLICATES,
			       NULL);

	if (!j)
		return;

	switch (line[0] & 7) {

	case 0: metrics_record(m, j, now);        break;
	case 1: metrics_event(m, j, now);         break;
	case 2: metrics_recording(m, j, now);     break;
	case 3: metrics_live(m, live, now);  break;
	case 4: t.what = HUB_TOLD_STATE;          break;
	case 5: t.what = HUB_TOLD_STATS;          break;
	case 6: t.what = HUB_TOLD_EVENT;          break;
	default: t.what = HUB_TOLD_WENT;          break;
	}

	t.body = j;
	t.bridge = namev[t.conn];
	if (t.what)
		tell_live(&t, now);
	json_decref(j);
}


/* NAME{LABELS} NUMBER, quotes in pairs */
static void check_line(const char *p, size_t len)
{
	bool quoted = false;
	size_t i;

	if (!strncmp(p, "# ", 2))
		return;

	if (strncmp(p, "connectycube_", 13))
		abort();

	for (i=0; i<len; i++) {
		if (quoted && p[i] == '\\')
			++i;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] == ' ' && i + 1 < len)
			break;
	}

	if (quoted || i >= len || strspn(p + i + 1, "-+0123456789.eInfNa") !=
	    len - i - 1)
		abort();
}


static void check(void)
{
	char *text = NULL, *p;
	size_t len;

	if (re_sdprintf(&text, "%H", metrics_text, m))
		abort();

	for (p=text; *p; p+=len+1) {
		len = strcspn(p, "\n");
		if (!p[len])
			abort();
		check_line(p, len);
	}

	if (metrics_count(m) > SERIES)
		abort();

	mem_deref(text);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	uint64_t now = 1;

	if (metrics_alloc(&m, metrics_familyv, MET_FAMILIES, SERIES) ||
	    hlive_alloc(&live))
		abort();

	memset(herev, 0, sizeof(herev));

	while (p < end) {

		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const size_t len = (size_t)((nl ? nl : end) - p);

		if (len > 1)
			tell(p, len, now);
		p += len + 1;
		now += METRICS_KEEP / 2;
	}

	metrics_live(m, live, now);
	check();
	metrics_forget(m, UINT64_MAX);
	if (metrics_count(m))
		abort();

	m    = mem_deref(m);
	live = mem_deref(live);

	return 0;
}
