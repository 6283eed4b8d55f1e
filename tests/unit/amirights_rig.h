/**
 * @file amirights_rig.h  An extension, and a table of channels of several
 *
 * Include testutil.h, call/amiext.h, message.h and table.h of connectycube_ami
 * first.
 */

static const struct ami_extension sales = {
	.aor = "sip:1000@pbx", .user = "1000", .name = "Sales",
	.right = AMI_RIGHT_CONTROL,
};


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	(void)chan;
	(void)change;
	(void)detail;
	(void)arg;
}


static void add(struct ami_table *t, const char *name, const char *id,
		const char *linked)
{
	struct ami_message msg;
	char buf[512];

	assert_true(re_snprintf(buf, sizeof(buf), "Event: Newchannel\r\n"
				"Channel: %s\r\nChannelState: 6\r\n"
				"Uniqueid: %s\r\nLinkedid: %s\r\n",
				name, id, linked) > 0);
	ami_message_decode(&msg, buf, strlen(buf));
	ami_table_event(t, &msg, 1);
}
