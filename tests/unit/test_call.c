/**
 * @file test_call.c  A call and its parties: legs of a kind that is none
 */
#include "legs_rig.h"
#include "base/uuid.h"
#include "call/ring.h"


/* --- the fake leg ------------------------------------------------------ */


static int fake_ring(struct leg *leg)
{
	struct fake *f = (struct fake *)leg;

	did(f, 'r');

	return f->err;
}


static int fake_early(struct leg *leg, const struct leg_media *other)
{
	struct fake *f = (struct fake *)leg;
	(void)other;

	did(f, 'h');
	if (!f->err) {
		leg->early = true;
		leg_set_state(leg, LEG_ANSWERED);
	}

	return f->err;
}


static void fake_early_over(struct leg *leg)
{
	did((struct fake *)leg, 'o');
}


static void fake_hold(struct leg *leg, bool hold)
{
	did((struct fake *)leg, hold ? 'H' : 'R');
}


static bool fake_calls(const struct leg *leg, const char *who);


static int fake_identity(struct leg *leg, const struct leg *other)
{
	struct fake *f = (struct fake *)leg;
	const size_t n = strlen(f->others);

	(void)re_snprintf(f->others + n, sizeof(f->others) - n, "%s ",
			  other->peer.number ? other->peer.number : "-");

	return 0;
}


static const struct leg_ops fake_ops = {
	.identity  = fake_identity,
	.calls     = fake_calls,
	.id        = fake_id,
	.name      = "fake",
	.party     = "fake",
	.key       = "fake",
	.ring      = fake_ring,
	.early     = fake_early,
	.early_over = fake_early_over,
	.answer    = fake_answer,
	.end       = fake_end,
	.hold      = fake_hold,
	.key_send  = fake_key_send,
	.key_heard = fake_key_heard,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};


/* Both speak for n packets */
static void talk(struct fake *a, struct fake *b, size_t n)
{
	while (n--) {
		speak(a);
		speak(b);
		now += 20000;
	}
}


/* What was sent is one stream: numbers go on by one, timestamps by time */
static void assert_stream(const struct fake *f)
{
	size_t i;

	assert_true(f->sinkc > 1);

	for (i=1; i<f->sinkc; i++) {

		const struct rtp_pkt *p = &f->sinkv[i - 1];
		const struct rtp_pkt *q = &f->sinkv[i];

		assert_int_equal(q->ssrc, f->ssrc);
		assert_int_equal((uint16_t)(q->seq - p->seq), 1);
		assert_int_equal(q->ts - p->ts,
				 (f->sinkt[i] - f->sinkt[i - 1]) / 125);
	}
}


/* --- calls ------------------------------------------------------------- */


static void assert_gone(size_t n, enum end_reason reason)
{
	assert_int_equal(gone, n);
	assert_int_equal(reason, ended);
	assert_true(list_isempty(&calll));
}


static void test_answer(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_ringing(&b->leg);
	leg_ringing(&b->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_string_equal(a->did, "r");

	leg_answered(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_int_equal(a->leg.state, LEG_ANSWERED);
	assert_string_equal(a->did, "ra");
	assert_string_equal(a->heard, "PCMU");
	assert_true(bc->t_answer > 0);
	assert_false(tmr_isrunning(&bc->tmr));

	/* media may flow when it can with both */
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_true(bc->t_estab > 0);

	talk(a, b, 10);
	assert_int_equal(a->sinkc, 10);
	assert_int_equal(b->sinkc, 10);
	assert_stream(a);
	assert_stream(b);

	mem_ref(a);
	mem_ref(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_string_equal(a->did, "rae");
	assert_string_equal(b->did, "e");
	assert_false(a->refused);

	/* what comes late goes nowhere */
	speak(a);
	leg_keys(&a->leg, "1", 1, 0);
	leg_audio_changed(&a->leg);
	assert_int_equal(b->sinkc, 10);
	mem_deref(a);
	mem_deref(b);
	assert_true(freed[1] && freed[2]);
}


static unsigned earlyc;


static void early_counter(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type == EVENT_CALL_EARLY) {
		assert_string_equal(ev->call.state, "RINGING");
		++earlyc;
	}
}


static struct bcall *begin_early(struct fake **ap, struct fake **bp, bool on)
{
	struct event_sub *sub;
	struct bcall *bc;

	earlyc = 0;
	env.early = on;
	assert_int_equal(event_subscribe(&sub, EVENT_CALL, early_counter,
					 NULL), 0);
	bc = begin(ap, bp, 1);
	leg_ringing(&(*bp)->leg);
	leg_early(&(*bp)->leg);
	leg_early(&(*bp)->leg);
	env.early = false;
	assert_int_equal(earlyc, 1);
	mem_deref(sub);

	return bc;
}


static void test_early(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin_early(&a, &b, true);
	(void)state;

	/* it is let in, but nobody has answered */
	assert_string_equal(a->did, "rh");
	assert_true(a->leg.early);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_true(bc->t_answer == 0);
	assert_true(tmr_isrunning(&bc->tmr));

	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	talk(a, b, 5);
	assert_int_equal(a->sinkc, 5);
	assert_int_equal(b->sinkc, 5);

	/* now somebody has */
	leg_answered(&b->leg);
	assert_string_equal(a->did, "rho");
	assert_false(a->leg.early);
	assert_true(bc->t_answer > 0);
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, b, 5);
	assert_stream(a);
	assert_stream(b);

	/* too late to be early */
	leg_early(&b->leg);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_early_fails(void **state)
{
	const struct leg_cause cause = {.scode = 404, .reason = "no number"};
	struct fake *a, *b;
	(void)state;

	begin_early(&a, &b, true);
	mem_ref(a);
	leg_closed(&b->leg, &cause);
	assert_gone(1, END_NOT_FOUND);
	assert_string_equal(a->did, "rhe");
	assert_int_equal(a->scode, 404);
	assert_false(a->refused);
	assert_true(a->leg.early);
	mem_deref(a);
}


static void test_early_unwanted(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin_early(&a, &b, false);
	(void)state;

	assert_string_equal(a->did, "r");
	leg_answered(&b->leg);
	assert_string_equal(a->did, "ra");
	bcall_hangup(bc, END_CONSOLE, "console");

	/* it cannot be let in: it rings on */
	begin(&a, &b, 1);
	a->err = EIO;
	env.early = true;
	leg_early(&b->leg);
	env.early = false;
	a->err = 0;
	assert_string_equal(a->did, "h");
	assert_true(leg_waits(&a->leg));
	leg_answered(&b->leg);
	assert_string_equal(a->did, "ha");
}


static void test_cancel(void **state)
{
	const struct leg_cause cause = {.scode = 487, .reason = "cancelled"};
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	leg_ringing(&b->leg);
	mem_ref(a);
	mem_ref(b);
	leg_closed(&a->leg, &cause);

	assert_gone(1, END_CANCELED);
	assert_string_equal(a->did, "r");       /* it knows */
	assert_string_equal(b->did, "e");
	assert_int_equal(b->scode, 487);
	mem_deref(a);
	mem_deref(b);
}


static void test_reject(void **state)
{
	const struct leg_cause cause = {
		.scode = 486, .reason = "busy", .retry_after = 3
	};
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	mem_ref(a);
	leg_closed(&b->leg, &cause);

	assert_gone(1, END_BUSY);
	assert_string_equal(a->did, "e");
	assert_int_equal(a->scode, 486);
	assert_true(a->refused);
	mem_deref(a);
	assert_true(freed[2]);
}


static void test_both_end(void **state)
{
	const struct leg_cause cause = {.scode = 480, .reason = "bye"};
	struct fake *a, *b;
	struct bcall *bc;
	(void)state;

	/* one is told, and that is when the other one hangs up */
	bc = establish(&a, &b, 1);
	a->drags = b;
	mem_ref(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_string_equal(b->did, "");
	mem_deref(b);

	/* both hang up, one after the other */
	establish(&a, &b, 1);
	mem_ref(a);
	mem_ref(b);
	leg_closed(&b->leg, &cause);
	leg_closed(&a->leg, &cause);
	leg_closed(&b->leg, &cause);
	assert_gone(2, END_FAILED);
	assert_string_equal(a->did, "ae");
	assert_string_equal(b->did, "");
	mem_deref(a);
	mem_deref(b);
}


static void test_failures(void **state)
{
	const struct leg_cause cause = {.scode = 488, .reason = "no codec"};
	struct fake *a, *b;
	(void)state;

	/* the caller cannot be told that it rings */
	begin(&a, &b, 1);
	a->err = EPROTO;
	mem_ref(a);
	mem_ref(b);
	leg_ringing(&b->leg);
	assert_gone(1, END_INTERNAL);
	assert_true(a->refused);
	assert_int_equal(a->scode, 500);
	assert_string_equal(b->did, "e");
	mem_deref(a);
	mem_deref(b);

	/* it cannot be answered */
	begin(&a, &b, 1);
	a->err = EPROTO;
	mem_ref(a);
	mem_ref(b);
	leg_answered(&b->leg);
	leg_up(&b->leg);
	assert_gone(2, END_NO_CODEC);
	assert_string_equal(a->did, "ae");
	assert_string_equal(b->did, "e");
	mem_deref(a);
	mem_deref(b);

	/* a party that cannot go on is told, too */
	establish(&a, &b, 1);
	mem_ref(a);
	mem_ref(b);
	leg_failed(&b->leg, &cause);
	assert_gone(3, END_NO_CODEC);
	assert_string_equal(b->did, "e");
	assert_int_equal(a->scode, 488);
	mem_deref(a);
	mem_deref(b);
}


static bool is_gone(void *arg)
{
	(void)arg;

	return gone > 0;
}


static void test_no_answer(void **state)
{
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	mem_ref(a);
	leg_ringing(&b->leg);
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	assert_true(a->refused);
	mem_deref(a);
}


/* The longest call that there may be, counted from its answer */
static void test_longest(void **state)
{
	struct fake *a, *b;
	(void)state;

	env.call_max = 1;
	begin(&a, &b, 1);
	mem_ref(a);
	leg_answered(&b->leg);
	leg_up(&b->leg);
	leg_up(&a->leg);
	assert_int_equal(gone, 0);
	assert_true(tu_wait(is_gone, NULL, 60000));
	env.call_max = 0;
	assert_gone(1, END_LONGEST);
	mem_deref(a);
}


static struct fake *second;


static int next_handler(struct bcall *bc)
{
	bc->nexth = NULL;
	bcall_start_ringing(bc);

	if (!second)
		return ENOENT;

	bcall_add_leg(bc, &second->leg);
	leg_set_state(&second->leg, LEG_CALLING);

	return 0;
}


static void test_dial(void **state)
{
	struct fake *a = fake_alloc(1, "PCMU", false), *b;
	struct bcall *bc;
	(void)state;

	/* first one, then the other */
	second = b = fake_alloc(2, "PCMU", false);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bc->nexth = next_handler;
	bcall_add_leg(bc, &a->leg);
	bcall_start_ringing(bc);
	leg_answered(&a->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_ptr_equal(b->leg.call, bc);
	leg_up(&a->leg);
	leg_ringing(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_true(tmr_isrunning(&bc->tmr));
	leg_answered(&b->leg);
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, b, 5);
	assert_int_equal(b->sinkc, 5);
	bcall_hangup(bc, END_CONSOLE, "console");

	/* and there is none */
	second = NULL;
	a = fake_alloc(1, "PCMU", false);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bc->nexth = next_handler;
	bcall_add_leg(bc, &a->leg);
	mem_ref(a);
	leg_answered(&a->leg);
	assert_gone(2, END_INTERNAL);
	assert_string_equal(a->did, "e");
	mem_deref(a);
}


static void test_keys(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	/* neither has telephone-event: each by its signalling */
	leg_keys(&a->leg, "12#", 3, 0);
	assert_string_equal(b->keys, "12#");
	b->key_err = EBUSY;
	leg_keys(&a->leg, "9", 1, 0);
	assert_string_equal(b->keys, "12#");
	leg_keys(&b->leg, "5", 1, 100);
	assert_string_equal(a->keys, "5");

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* --- ringing by a plan ------------------------------------------------- */


/* The users are numbers, and so are the legs of their groups */
static struct {
	struct fake *f;         /* of the group that rings */
	size_t first, n;
	unsigned groupc;
	const char *skip;       /* groups that cannot ring, a digit each */
	const char *forward;
	enum ring_no no;        /* why it was over */
	uint16_t scode;
	unsigned overc;
} plan;


static int group_handler(struct bcall *bc, size_t first, size_t n,
			 struct leg_cause *cause, void *arg)
{
	const char nr = (char)('0' + ++plan.groupc);
	(void)arg;

	plan.first = first;
	plan.n     = n;
	plan.f     = NULL;

	if (plan.skip && strchr(plan.skip, nr)) {
		cause->no    = RING_NO_BUSY;
		cause->scode = 486;
		return EBUSY;
	}

	plan.f = fake_alloc(plan.groupc + 1, "PCMU", false);
	bcall_add_leg(bc, &plan.f->leg);
	leg_set_state(&plan.f->leg, LEG_CALLING);

	return 0;
}


static void over_handler(struct bcall *bc, struct leg_cause *cause,
			 void *arg)
{
	(void)bc;
	(void)arg;

	++plan.overc;
	plan.no    = cause->no;
	plan.scode = cause->scode;
	if (plan.forward) {
		cause->forward = plan.forward;
		cause->scode   = 302;
	}
}


/* A phone calls, and whoever stands in a plan is rung; the phone's leg is kept
   for the test */
static struct fake *ring_by(const char *text, const char *skip)
{
	struct fake *a = fake_alloc(1, "PCMU", true);
	struct pl idv[RINGPLAN_MAX], pl;
	struct ringplan rp;
	struct bcall *bc;
	size_t n;

	memset(&plan, 0, sizeof(plan));
	plan.skip = skip;
	pl_set_str(&pl, text);
	assert_int_equal(ringplan_decode(&rp, idv, &n, &pl), RINGPLAN_OK);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bcall_add_leg(bc, &a->leg);
	mem_ref(a);
	assert_int_equal(bcall_ring(bc, &rp, group_handler, over_handler,
				    NULL), 0);

	return a;
}


static void say_no(struct fake *f, enum ring_no no, uint16_t scode)
{
	const struct leg_cause cause = {
		.no = no, .scode = scode, .reason = "no"
	};

	leg_closed(&f->leg, &cause);
}


static bool is_group(void *arg)
{
	return plan.groupc >= *(unsigned *)arg;
}


static void wait_group(unsigned n)
{
	assert_true(tu_wait(is_group, &n, 60000));
}


static void test_ring_sequence(void **state)
{
	struct fake *a = ring_by("1:1,2+3:1,4:1", NULL), *f = plan.f, *g;
	struct bcall *bc = a->leg.call;
	(void)state;

	assert_int_equal(bc->state, BCALL_CALLING);
	assert_int_equal(plan.n, 1);
	leg_ringing(&f->leg);
	mem_ref(f);

	/* its time is over: it is told, and the others ring. The caller has
	   heard that it rings */
	wait_group(2);
	assert_string_equal(f->did, "e");
	assert_int_equal(f->scode, 480);
	assert_null(f->leg.call);
	assert_int_equal(plan.first, 1);
	assert_int_equal(plan.n, 2);
	leg_ringing(&plan.f->leg);
	assert_string_equal(a->did, "r");
	assert_int_equal(bc->state, BCALL_RINGING);

	/* what comes late from the first one goes nowhere */
	leg_answered(&f->leg);
	say_no(f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 2);
	assert_int_equal(list_count(&bc->legl), 2);
	mem_deref(f);
	assert_true(freed[2]);

	/* a group says no: the next one rings at once */
	g = plan.f;
	say_no(g, RING_NO_REJECTED, 486);
	assert_int_equal(plan.groupc, 3);
	assert_true(freed[3]);

	leg_answered(&plan.f->leg);
	assert_string_equal(a->did, "ra");
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&plan.f->leg);
	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, plan.f, 5);
	assert_int_equal(a->sinkc, 5);

	/* from now on its end is the call's */
	say_no(plan.f, RING_NO_OTHER, 480);
	assert_gone(1, END_FAILED);
	assert_int_equal(plan.overc, 0);
	assert_int_equal(plan.groupc, 3);
	assert_string_equal(a->did, "rae");
	mem_deref(a);
}


/* Who has rung and did not answer counts for more than who is busy */
static void test_ring_nobody(void **state)
{
	struct fake *a = ring_by("1:1,2:5", NULL);
	(void)state;

	wait_group(2);
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(plan.overc, 1);
	assert_int_equal(plan.no, RING_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	assert_true(a->refused);
	mem_deref(a);

	/* all are busy, the last one is not even rung */
	a = ring_by("1:5,2:5,3:5", "3");
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 2);
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 3);
	assert_gone(2, END_BUSY);
	assert_int_equal(plan.no, RING_NO_BUSY);
	assert_int_equal(a->scode, 486);
	mem_deref(a);

	/* nobody can be rung at all */
	a = ring_by("1+2", "1");
	assert_gone(3, END_BUSY);
	assert_int_equal(a->scode, 486);
	mem_deref(a);

	/* the last one rings in vain */
	gone = 0;
	a = ring_by("1:1", NULL);
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_int_equal(plan.no, RING_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	mem_deref(a);
}


static void test_ring_forward(void **state)
{
	struct fake *a = ring_by("1", NULL);
	(void)state;

	plan.forward = "sip:desk@example.com";
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_gone(1, END_FORWARDED);
	assert_int_equal(plan.scode, 486);
	assert_int_equal(a->scode, 302);
	assert_string_equal(a->forward, "sip:desk@example.com");
	mem_deref(a);

	/* who cancels is forwarded nowhere */
	a = ring_by("1:5,2:5", NULL);
	plan.forward = "sip:desk@example.com";
	say_no(a, RING_NO_OTHER, 487);
	assert_gone(2, END_CANCELED);
	assert_int_equal(plan.overc, 0);
	assert_int_equal(plan.groupc, 1);
	assert_string_equal(a->forward, "");
	mem_deref(a);
}


/* --- both call each other ---------------------------------------------- */


static const char *called;      /* whom the fake callees call */


static bool fake_calls(const struct leg *leg, const char *who)
{
	return !leg->incoming && called && !strcmp(called, who);
}


static bool is_fake(const struct leg *leg, void *arg)
{
	return ((const struct fake *)leg)->ssrc == *(const uint32_t *)arg;
}


static struct bcall *find_meeting(const char *who, uint32_t ssrc)
{
	return bcall_find_meeting(&calll, who, is_fake, &ssrc);
}


static void test_meet(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	called = "101";
	leg_ringing(&b->leg);
	assert_ptr_equal(find_meeting("101", 1), bc);
	assert_null(find_meeting("102", 1));
	assert_null(find_meeting("101", 2));

	c = fake_alloc(3, "PCMU", true);
	bcall_add_leg(bc, &c->leg);
	mem_ref(b);
	env.call_max = 3600;
	bcall_meet(bc, &c->leg);
	env.call_max = 0;
	assert_true(tmr_isrunning(&bc->tmr_max));
	assert_string_equal(b->did, "e");
	assert_null(b->leg.call);
	assert_true(b->elsewhere);
	mem_deref(b);
	assert_string_equal(a->did, "ra");
	assert_string_equal(c->did, "a");
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_false(tmr_isrunning(&bc->tmr));
	assert_null(find_meeting("101", 1));

	leg_up(&a->leg);
	leg_up(&c->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, c, 5);
	assert_int_equal(a->sinkc, 5);
	assert_int_equal(c->sinkc, 5);
	say_no(c, RING_NO_OTHER, 480);
	assert_gone(1, END_FAILED);

	/* one who holds already */
	bc = begin(&a, &b, 1);
	c = fake_alloc(3, "PCMU", true);
	leg_set_held(&a->leg, true);
	bcall_add_leg(bc, &c->leg);
	bcall_meet(bc, &c->leg);
	assert_string_equal(c->did, "aH");
	assert_non_null(c->leg.player);
	assert_null(a->leg.player);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(2, END_CONSOLE);

	/* they cannot hear each other */
	bc = begin(&a, &b, 1);
	c = fake_alloc(3, "PCMU", true);
	c->err = EPROTO;
	bcall_add_leg(bc, &c->leg);
	mem_ref(a);
	bcall_meet(bc, &c->leg);
	assert_gone(3, END_NO_CODEC);
	assert_int_equal(a->scode, 488);
	assert_true(a->refused);
	mem_deref(a);
}


/* --- parties that change ----------------------------------------------- */


/* Both speak, and one of them, neither or both are heard */
static void assert_heard(struct fake *a, struct fake *b, bool at_a, bool at_b)
{
	const size_t na = a->sinkc, nb = b->sinkc;

	talk(a, b, 5);
	assert_int_equal(a->sinkc - na, at_a ? 5 : 0);
	assert_int_equal(b->sinkc - nb, at_b ? 5 : 0);
}


static enum event_type heldv[16];
static uint32_t heldlegv[16];
static unsigned heldc;


static void held_counter(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type != EVENT_LEG_HELD && ev->type != EVENT_LEG_RESUMED)
		return;

	heldlegv[heldc % 16] = ev->leg_num;
	heldv[heldc++ % 16]  = ev->type;
}


/* Silence for who is held, and for who holds; either, then both */
static void test_hold(void **state)
{
	struct event_sub *sub;
	struct media_stats st;
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	heldc = 0;
	assert_int_equal(event_subscribe(&sub, EVENT_LEG, held_counter, NULL),
			 0);
	assert_heard(a, b, true, true);

	leg_set_held(&b->leg, true);
	leg_set_held(&b->leg, true);
	assert_string_equal(a->did, "aH");
	assert_string_equal(b->did, "");
	assert_heard(a, b, false, false);
	audio_port_stats(a->leg.audio, &st);
	assert_true(st.played);

	/* negotiated anew, as it is: it stays */
	leg_audio_changed(&b->leg);
	leg_audio_changed(&a->leg);
	assert_heard(a, b, false, false);

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "H");
	leg_set_held(&b->leg, false);
	assert_string_equal(a->did, "aHR");
	assert_heard(a, b, false, false);
	leg_set_held(&a->leg, false);
	assert_string_equal(b->did, "HR");
	assert_heard(a, b, true, true);
	assert_stream(a);
	assert_stream(b);

	assert_int_equal(heldc, 4);
	assert_int_equal(heldv[0], EVENT_LEG_HELD);
	assert_int_equal(heldv[1], EVENT_LEG_HELD);
	assert_int_equal(heldv[2], EVENT_LEG_RESUMED);
	assert_int_not_equal(a->leg.num, b->leg.num);
	assert_int_equal(heldlegv[0], b->leg.num);
	assert_int_equal(heldlegv[1], a->leg.num);
	assert_int_equal(heldlegv[2], b->leg.num);
	assert_int_equal(heldlegv[3], a->leg.num);
	mem_deref(sub);

	/* over while it is on hold */
	leg_set_held(&b->leg, true);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* What a party has of its own goes on */
static void test_hold_own_music(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	assert_heard(a, b, true, true);
	b->leg.own_music = true;
	leg_set_held(&b->leg, true);
	assert_heard(a, b, true, false);
	leg_set_held(&b->leg, false);
	assert_heard(a, b, true, true);
	assert_stream(a);
	assert_stream(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* Held before it was answered: told when there is somebody to tell */
static void test_hold_early(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "");
	leg_answered(&b->leg);
	leg_up(&b->leg);
	leg_up(&a->leg);
	assert_string_equal(b->did, "H");
	assert_string_equal(a->did, "a");
	assert_heard(a, b, false, false);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* One that has answered, and that no call has */
static struct fake *parked(const char *codec)
{
	struct fake *f = fake_alloc(3, codec, false);

	leg_set_state(&f->leg, LEG_UP);

	return f;
}


static void replace(const char *codec)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	const uint32_t id = bc->id;
	size_t n;

	talk(a, b, 10);
	c = parked(codec);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), 0);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_int_equal(bc->id, id);
	assert_int_equal(bc->linked_id, id);
	assert_null(b->leg.call);
	assert_ptr_equal(c->leg.call, bc);

	/* who stays hears the new one in the stream that it had, who has left
	   hears nothing and is not heard */
	n = b->sinkc;
	speak(b);
	talk(a, c, 10);
	assert_int_equal(b->sinkc, n);
	assert_int_equal(a->sinkc, 20);
	assert_int_equal(c->sinkc, 10);
	assert_stream(a);
	assert_stream(c);

	/* between the last packet of the one and the first of the other there
	   is no more time than between any two */
	assert_int_equal(a->sinkt[10] - a->sinkt[9], 20000);
	assert_true(a->sinkv[10].marker);

	/* the end of one that is parked is nobody's */
	leg_closed(&b->leg, &(struct leg_cause){.scode = 480,
						.reason = "bye"});
	assert_int_equal(gone, 0);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	mem_deref(b);
	assert_true(freed[2]);
	talk(a, c, 5);
	assert_int_equal(a->sinkc, 25);

	/* that of the new one ends the call */
	leg_closed(&c->leg, &(struct leg_cause){.scode = 480,
						.reason = "bye"});
	assert_gone(1, END_FAILED);
	assert_true(freed[1] && freed[3]);
}


static void test_replace(void **state)
{
	(void)state;

	replace("PCMU");
}


static void test_replace_codec(void **state)
{
	(void)state;

	replace("PCMA");
}


/* The one that called goes, and the stream to the other one goes on */
static void test_replace_caller(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	talk(a, b, 10);
	c = parked("PCMU");
	assert_int_equal(bcall_replace_leg(bc, &a->leg, &c->leg), 0);
	now += 100000;
	talk(c, b, 10);
	assert_int_equal(b->sinkc, 20);
	assert_stream(b);

	/* and it comes back */
	assert_int_equal(bcall_replace_leg(bc, &c->leg, &a->leg), 0);
	talk(a, b, 10);
	assert_int_equal(b->sinkc, 30);
	assert_int_equal(a->sinkc, 20);
	assert_stream(b);
	mem_deref(c);

	mem_ref(a);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_string_equal(a->did, "ae");
	mem_deref(a);
}


/* Who holds goes on holding whoever comes; who was held by one that goes is
   not held any more */
/* Who is at the other leg is told when that changes, to nobody else */
static void test_identity(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	assert_string_equal(b->others, "");
	assert_int_equal(leg_set_peer(&a->leg, "Ann", "42", "sip:42@h"), 0);
	leg_identity_changed(&a->leg);
	assert_string_equal(b->others, "42 ");
	assert_string_equal(a->others, "");

	/* and when another party comes; of one that is parked nobody hears */
	c = parked("PCMU");
	assert_int_equal(leg_set_peer(&c->leg, NULL, "43", NULL), 0);
	leg_identity_changed(&c->leg);
	assert_int_equal(bcall_replace_leg(bc, &a->leg, &c->leg), 0);
	assert_string_equal(b->others, "42 43 ");
	leg_identity_changed(&a->leg);
	assert_string_equal(b->others, "42 43 ");
	mem_deref(a);

	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_replace_hold(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "H");
	c = parked("PCMA");
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), 0);
	assert_string_equal(c->did, "H");
	assert_heard(a, c, false, false);
	leg_set_held(&a->leg, false);
	assert_string_equal(c->did, "HR");
	assert_heard(a, c, true, true);

	leg_set_held(&c->leg, true);
	assert_string_equal(a->did, "aH");
	assert_int_equal(bcall_replace_leg(bc, &c->leg, &b->leg), 0);
	assert_string_equal(a->did, "aHR");
	assert_heard(a, b, true, true);
	assert_stream(a);
	mem_deref(c);

	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_replace_fails(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1), *other;
	(void)state;

	talk(a, b, 10);

	/* nothing negotiated: the old one is back as if nothing had been */
	c = parked(NULL);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), ENOENT);
	assert_ptr_equal(b->leg.call, bc);
	assert_null(c->leg.call);
	talk(a, b, 10);
	assert_int_equal(a->sinkc, 20);
	assert_int_equal(b->sinkc, 20);
	assert_stream(a);
	assert_stream(b);

	/* not answered */
	c->codec = "PCMU";
	c->leg.state = LEG_RINGING;
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), ENOTCONN);
	c->leg.state = LEG_UP;

	/* of another call, on either side */
	assert_int_equal(bcall_alloc(&other, &env, NULL, &calll, false), 0);
	bcall_add_leg(other, &c->leg);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), EINVAL);
	assert_int_equal(bcall_replace_leg(other, &b->leg, &c->leg), EINVAL);
	talk(a, b, 5);
	assert_int_equal(a->sinkc, 25);
	bcall_hangup(bc, END_CONSOLE, "console");
	bcall_hangup(other, END_CONSOLE, "console");
	assert_gone(2, END_CONSOLE);
}


/* Calls that have shared a party belong together: in all their records is one
   id, even if some were written before */
static void test_linked(void **state)
{
	struct bcall *v[4];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(bcall_alloc(&v[i], &env, NULL, &calll,
					     false), 0);
		assert_int_equal(v[i]->linked_id, v[i]->id);
		assert_true(uuid_is(v[i]->record, strlen(v[i]->record)));
		assert_string_equal(v[i]->linked, v[i]->record);
	}
	assert_string_not_equal(v[0]->record, v[1]->record);

	/* that of the older one, whichever loses a party */
	bcall_link(v[2], v[1]);
	assert_string_equal(v[2]->linked, v[1]->record);
	assert_string_equal(v[1]->linked, v[1]->record);
	assert_int_equal(v[2]->linked_id, v[1]->id);
	assert_int_not_equal(v[2]->id, v[1]->id);

	/* the record of one may have been written: it counts, though there is
	   an older one now */
	bcall_link(v[0], v[2]);
	assert_string_equal(v[0]->linked, v[1]->record);
	assert_string_equal(v[2]->linked, v[1]->record);
	assert_string_not_equal(v[0]->record, v[1]->record);

	bcall_link(v[2], v[3]);
	assert_string_equal(v[3]->linked, v[1]->record);
	bcall_link(v[3], v[3]);
	bcall_link(v[3], NULL);
	for (i=0; i<ARRAY_SIZE(v); i++)
		mem_deref(v[i]);
}


/* The call ends while one is parked: it stays with whoever took it out */
static void test_end_while_parked(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	bcall_park_leg(&b->leg);
	leg_keys(&a->leg, "1", 1, 0);
	speak(a);
	assert_int_equal(b->sinkc, 0);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_true(freed[1]);
	assert_false(freed[2]);
	assert_string_equal(b->did, "");
	speak(b);
	mem_deref(b);
	assert_true(freed[2]);
}


static void test_names(void **state)
{
	(void)state;

	assert_string_equal(leg_state_name(LEG_UP), "UP");
	assert_string_equal(leg_state_name(99), "?");
	assert_string_equal(bcall_state_name(BCALL_CLOSED), "CLOSED");
	assert_string_equal(bcall_state_name(99), "?");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_fails, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_early_unwanted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reject, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_longest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring_sequence, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ring_nobody, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ring_forward, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_codec, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_identity, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_hold, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold_own_music, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold_early, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_caller, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_fails, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_linked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_while_parked, setup,
						teardown),
		cmocka_unit_test(test_names),
	};
	int err;

	err = libre_init();
	if (err)
		return err;

	err = cmocka_run_group_tests(tests, NULL, NULL);

	tmr_debug();
	libre_close();

	return err;
}
