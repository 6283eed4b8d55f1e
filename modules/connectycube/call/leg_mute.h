/**
 * @file call/leg_mute.h  What a leg does that has no media
 *
 * For the struct leg_ops of those that stand for somebody who talks elsewhere,
 * or not yet. Begins with leg.h.
 */

int  leg_mute_key_send(struct leg *leg, char key, uint32_t ms);
void leg_mute_key_heard(struct leg *leg, char key, bool down, uint32_t ms,
			bool sent);
void leg_mute_media(const struct leg *leg, struct leg_media *lm);
int  leg_mute_audio_end(struct leg *leg, struct media_end *me,
			const struct leg_audio *other);
int  leg_mute_video_end(struct leg *leg, struct video_end *ve,
			const struct leg_video *other);
void leg_mute_set_warm(struct leg *leg, const struct warm *w);
