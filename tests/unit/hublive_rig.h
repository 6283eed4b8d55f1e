/**
 * @file hublive_rig.h  The hub's picture of what there is, and bridges that tell
 *
 * Quotes in what they tell are apostrophes.
 */

#define EXT "sip:1001@pbx"


static struct hlive *l;
static uint64_t now;
static char news[4096];         /* what was told, a word each */
static const char *proc;        /* of the calls' ids: 7@b */


static inline void change_handler(const char *type, const char *ext,
				  struct json_t *j, void *arg)
{
	const size_t n = strlen(news);
	(void)arg;

	assert_true(json_is_object(j));
	assert_non_null(ext);
	(void)re_snprintf(news + n, sizeof(news) - n, "%s ", type);
}


static int setup(void **state)
{
	(void)state;

	now = 1000000000;
	proc = "b";
	news[0] = '\0';

	return hlive_alloc(&l);
}


static int teardown(void **state)
{
	(void)state;
	l = mem_deref(l);

	return 0;
}


static void tell(enum hub_told what, uint64_t conn, const char *bridge,
		 const char *fmt, ...)
{
	struct hub_tell t = {.what = what, .conn = conn, .bridge = bridge,
		.version = 3};
	static char text[65536];
	json_t *j = NULL;
	va_list ap;
	char *p;

	if (fmt) {
		va_start(ap, fmt);
		assert_true(re_vsnprintf(text, sizeof(text), fmt, ap) >= 0);
		va_end(ap);
		for (p = text; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		j = json_loads(text, 0, NULL);
		assert_non_null(j);
	}

	t.body = j;
	hlive_tell(l, &t, now);
	json_decref(j);
}


static void came(uint64_t conn, const char *bridge)
{
	tell(HUB_TOLD_CAME, conn, bridge, NULL);
}


static inline void went(uint64_t conn, const char *bridge)
{
	tell(HUB_TOLD_WENT, conn, bridge, NULL);
}


static inline void event(uint64_t conn, const char *type, unsigned call,
		  const char *more)
{
	tell(HUB_TOLD_EVENT, conn, "b", "{'type':'%s','time':%llu,'call':%u,"
	     "'record_id':'%u@%s','ext':'" EXT "','session':'s%u'%s}", type,
	     now, call, call, proc, call, more);
}


static bool draining;           /* bridges of state() take no more calls */


static inline void state(uint64_t conn, uint64_t started, const char *calls,
		  bool registered, const char *cloud)
{
	tell(HUB_TOLD_STATE, conn, "b", "{'time':%llu,'started':%llu,'pid':1,"
	     "'spool':{'waiting':2,'lost':0,'works':true},'calls':[%s],"
	     "'recordings':[],'draining':%s,'extensions':[{'extension':'"
	     EXT "','calls':1,'sip':{'registered':%s,'registers':true,"
	     "'since':%llu%s},'cloud':{'state':'%s','since':%llu,'user':'u'}}"
	     "]}", now, started, calls, draining ? "true" : "false",
	     registered ? "true" : "false",
	     now - 1000, registered ? "" : ",'error':'403 no'", cloud,
	     now - 1000);
}


static inline void stats(uint64_t conn, unsigned call, unsigned n, unsigned lost)
{
	tell(HUB_TOLD_STATS, conn, "b", "{'time':%llu,'calls':[{'call':%u,"
	     "'record_id':'%u@%s','linked_id':'1@b','extension':'" EXT "','direction':'app-to-sip',"
	     "'state':'ESTABLISHED','t_start':5000,'t_answer':7000,'legs':["
	     "{'leg_num':1,'side':'app','user':'77','id':'s%u','rx':{'codec':"
	     "'opus/48000/2','packets':%u,'bytes':%u,'lost':%u,'jitter_us':"
	     "1500,'mos_100':430,'mos_now_100':420},'level_now_10':-305},"
	     "{'leg_num':2,'side':'phone','uri':'sip:2@h','holds':true}]}]}",
	     now, call, call, proc, call, n, n * 100, lost);
}


/* A member of a call, as JSON; "" if there is no such call */
static inline const char *of(const char *id, const char *key)
{
	static char text[4096];
	json_t *j = hlive_json_call(l, id);
	char *dump = j ? json_dumps(json_object_get(j, key), JSON_ENCODE_ANY |
				    JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	(void)re_snprintf(text, sizeof(text), "%s", dump ? dump : "");
	free(dump);
	json_decref(j);

	return text;
}


static inline size_t count(json_t *j, const char *key)
{
	const size_t n = json_array_size(json_object_get(j, key));

	json_decref(j);

	return n;
}


static inline size_t calls(void)
{
	return count(hlive_json_calls(l, NULL), "calls");
}


/* Names of the alarms that are on */
static inline const char *alarms(void)
{
	json_t *j = hlive_json_alarms(l), *a;
	static char text[1024];
	size_t i;

	text[0] = '\0';
	json_array_foreach(json_object_get(j, "alarms"), i, a)
		(void)re_snprintf(text + strlen(text), sizeof(text) -
				  strlen(text), "%s ", json_string_value(
					  json_object_get(a, "alarm")));
	json_decref(j);

	return text;
}
