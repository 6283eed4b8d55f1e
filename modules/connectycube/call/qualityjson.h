/**
 * @file call/qualityjson.h  How a party was heard and seen, for programs
 */

struct odict;

int quality_json(int err, struct odict *od, const struct event_quality *q,
		 uint64_t epoch);
