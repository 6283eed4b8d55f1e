/**
 * @file connectycube_hub/metrics/registry.c  Families and their series
 */
#include <string.h>
#include <re.h>
#include "registry.h"
#include "series.h"


enum {
	HASH_SERIES = 1024,     /**< Lists of the hash of series           */
	HASH_OWNERS = 64,       /**< The same of extensions                */
};

/** What is looked for */
struct key {
	const struct metric_family *family;
	const char *const *labelv;
};


static void owner_destructor(void *data)
{
	struct metric_owner *o = data;

	hash_unlink(&o->le);
	mem_deref(o->name);
}


static void series_destructor(void *data)
{
	struct metric_series *s = data;
	size_t i;

	list_unlink(&s->le);
	hash_unlink(&s->he);
	for (i=0; i<METRICS_LABELS; i++)
		mem_deref(s->labelv[i]);
	mem_deref(s->bucketv);
}


static void destructor(void *data)
{
	struct metrics *m = data;
	size_t i;

	for (i=0; i<m->familyc; i++)
		list_flush(&m->familyv[i].seriesl);

	hash_flush(m->ownerh);
	mem_deref(m->ownerh);
	mem_deref(m->seriesh);
	mem_deref(m->familyv);
}


/**
 * Count the buckets of a family
 *
 * @param desc Family
 *
 * @return How many, without the last one, which has no bound
 */
size_t metrics_bounds(const struct metric_desc *desc)
{
	size_t n = 0;

	while (n < METRICS_BOUNDS && desc->boundv[n] > 0)
		++n;

	return n;
}


static void init_family(struct metric_family *f,
			const struct metric_desc *desc)
{
	f->desc   = desc;
	f->boundc = metrics_bounds(desc);
	while (f->labelc < METRICS_LABELS && desc->labelv[f->labelc])
		++f->labelc;
}


/**
 * Make a registry
 *
 * @param mp    Pointer to it, freed by mem_deref()
 * @param descv Families, which live as long; their index is their number
 * @param descc How many
 * @param most  Most series of all together
 *
 * @return 0 if success, otherwise errorcode
 */
int metrics_alloc(struct metrics **mp, const struct metric_desc *descv,
		  size_t descc, size_t most)
{
	struct metrics *m;
	size_t i;
	int err;

	if (!mp || !descv || !descc)
		return EINVAL;

	m = mem_zalloc(sizeof(*m), destructor);
	if (!m)
		return ENOMEM;

	m->most = most;
	m->familyv = mem_zalloc(descc * sizeof(*m->familyv), NULL);
	err  = m->familyv ? 0 : ENOMEM;
	err |= hash_alloc(&m->seriesh, HASH_SERIES);
	err |= hash_alloc(&m->ownerh, HASH_OWNERS);
	if (err) {
		mem_deref(m);
		return err;
	}

	m->familyc = descc;
	for (i=0; i<descc; i++)
		init_family(&m->familyv[i], &descv[i]);

	*mp = m;

	return 0;
}


static const char *value_of(const struct key *k, size_t i)
{
	return k->labelv && k->labelv[i] ? k->labelv[i] : "";
}


static uint32_t hash_of(const struct key *k)
{
	uint32_t h = hash_joaat_str(k->family->desc->name);
	size_t i;

	for (i=0; i<k->family->labelc; i++)
		h = h * 31 + hash_joaat_str(value_of(k, i));

	return h;
}


static bool is_series(struct le *le, void *arg)
{
	const struct metric_series *s = le->data;
	const struct key *k = arg;
	size_t i;

	if (s->family != k->family)
		return false;

	for (i=0; i<s->family->labelc; i++) {
		if (strcmp(s->labelv[i], value_of(k, i)))
			return false;
	}

	return true;
}


static bool is_owner(struct le *le, void *arg)
{
	const struct metric_owner *o = le->data;

	return !strcmp(o->name, arg);
}


static struct metric_owner *find_owner(const struct metrics *m,
				       const char *name)
{
	return list_ledata(hash_lookup(m->ownerh, hash_joaat_str(name),
				       is_owner, (void *)name));
}


static struct metric_owner *get_owner(struct metrics *m, const char *name)
{
	struct metric_owner *o = find_owner(m, name);

	if (o)
		return o;

	o = mem_zalloc(sizeof(*o), owner_destructor);
	if (!o)
		return NULL;

	if (str_dup(&o->name, name))
		return mem_deref(o);

	hash_append(m->ownerh, hash_joaat_str(name), &o->le, o);

	return o;
}


/* Of an extension, which is then seen */
static bool has_owner(const struct metric_family *f)
{
	return f->labelc && !strcmp(f->desc->labelv[0], "extension");
}


static int fill_series(struct metric_series *s, struct metrics *m,
		       const struct key *k)
{
	size_t i;
	int err = 0;

	for (i=0; i<k->family->labelc && !err; i++)
		err = str_dup(&s->labelv[i], value_of(k, i));

	if (!err && k->family->desc->kind == METRIC_HISTOGRAM) {
		s->bucketv = mem_zalloc((k->family->boundc + 1) *
					sizeof(*s->bucketv), NULL);
		err = s->bucketv ? 0 : ENOMEM;
	}

	if (!err && has_owner(k->family)) {
		s->owner = get_owner(m, s->labelv[0]);
		err = s->owner ? 0 : ENOMEM;
	}

	return err;
}


/* NULL: there is no room for it, which is counted */
static struct metric_series *get_series(struct metrics *m, unsigned family,
					const char *const *labelv,
					uint64_t now)
{
	struct key k = {.labelv = labelv};
	struct metric_series *s;
	uint32_t h;

	if (!m || family >= m->familyc)
		return NULL;

	k.family = &m->familyv[family];
	h = hash_of(&k);
	s = list_ledata(hash_lookup(m->seriesh, h, is_series, &k));

	if (!s && m->n < m->most) {
		s = mem_zalloc(sizeof(*s), series_destructor);
		if (s && fill_series(s, m, &k))
			s = mem_deref(s);
		if (s) {
			s->family = &m->familyv[family];
			list_append(&s->family->seriesl, &s->le, s);
			hash_append(m->seriesh, h, &s->he, s);
			++m->n;
		}
	}

	if (!s)
		++m->dropped;
	else if (s->owner && s->owner->seen < now)
		s->owner->seen = now;

	return s;
}


/**
 * Add to a counter
 *
 * @param m      Registry
 * @param family Number of the family
 * @param labelv Values of its labels, NULL=it has none
 * @param value  What is added; what is not above 0 only makes the series be
 *               there
 * @param now    Time [ms]
 */
void metrics_add(struct metrics *m, unsigned family,
		 const char *const *labelv, double value, uint64_t now)
{
	struct metric_series *s = get_series(m, family, labelv, now);

	if (s && value > 0)
		s->value += value;
}


/**
 * Set a gauge, or a counter that somebody else counts
 *
 * @param m      Registry
 * @param family Number of the family
 * @param labelv Values of its labels, NULL=it has none
 * @param value  Value
 * @param now    Time [ms]
 */
void metrics_set(struct metrics *m, unsigned family,
		 const char *const *labelv, double value, uint64_t now)
{
	struct metric_series *s = get_series(m, family, labelv, now);

	if (s)
		s->value = value;
}


/**
 * Put a value into a histogram
 *
 * @param m      Registry
 * @param family Number of the family
 * @param labelv Values of its labels, NULL=it has none
 * @param value  Value, of its unit
 * @param now    Time [ms]
 */
void metrics_observe(struct metrics *m, unsigned family,
		     const char *const *labelv, double value, uint64_t now)
{
	struct metric_series *s = get_series(m, family, labelv, now);
	size_t i = 0;

	if (!s || !s->bucketv)
		return;

	while (i < s->family->boundc && value > s->family->desc->boundv[i])
		++i;

	++s->bucketv[i];
	s->value += value;
}


static void drop_series(struct metrics *m, struct metric_series *s)
{
	mem_deref(s);
	--m->n;
}


/**
 * Remove all series of a family, to set those that there are now
 *
 * @param m      Registry
 * @param family Number of the family
 */
void metrics_clear(struct metrics *m, unsigned family)
{
	struct le *le;

	if (!m || family >= m->familyc)
		return;

	while ((le = list_head(&m->familyv[family].seriesl)))
		drop_series(m, le->data);
}


static bool is_old(struct le *le, void *arg)
{
	const struct metric_owner *o = le->data;

	return o->seen < *(const uint64_t *)arg;
}


/**
 * Remove the series of extensions that have not been there for a while
 *
 * @param m      Registry
 * @param before They were last seen before that time [ms]
 */
void metrics_forget(struct metrics *m, uint64_t before)
{
	struct metric_series *s;
	struct le *le;
	size_t i;

	if (!m || !hash_apply(m->ownerh, is_old, &before))
		return;

	for (i=0; i<m->familyc; i++) {

		le = list_head(&m->familyv[i].seriesl);
		while (le) {
			s  = le->data;
			le = le->next;
			if (s->owner && s->owner->seen < before)
				drop_series(m, s);
		}
	}

	while ((le = hash_apply(m->ownerh, is_old, &before)))
		mem_deref(le->data);
}


/**
 * Count the series that there are
 *
 * @param m Registry
 *
 * @return How many
 */
size_t metrics_count(const struct metrics *m)
{
	return m ? m->n : 0;
}


/**
 * Count the values that there was no room for
 *
 * @param m Registry
 *
 * @return How many
 */
uint64_t metrics_dropped(const struct metrics *m)
{
	return m ? m->dropped : 0;
}
