// SPDX-License-Identifier: GPL-2.0-only
/* What check found, in words or as an object. */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "messages.h"

static const enum out_color colors[] = {
	[HOST_PASS] = OUT_GOOD,
	[HOST_WARN] = OUT_WARN,
	[HOST_FAIL] = OUT_BAD,
	[HOST_SKIP] = OUT_PLAIN,
};

static void layer_name(const struct host_finding *f, char *name, size_t size)
{
	const char *layer = host_layers[f->rule->layer].name;

	if (f->port)
		snprintf(name, size, "port %u %s", f->port, layer);
	else
		snprintf(name, size, "%s", layer);
}

static void show_finding(struct out *out, const struct host_finding *f)
{
	const char *state = host_state_name(f->rule->state);
	char name[40];

	layer_name(f, name, sizeof(name));
	out_item_in(out, colors[f->rule->state], 20, "%s  %-13s %s", state, name, f->seen);
	if (*f->next)
		out_say(out, "%21s> %s", "", f->next);
	out_object(out, NULL);
	out_text(out, "layer", NULL, "%s", host_layers[f->rule->layer].name);
	if (f->port)
		out_number(out, "port", NULL, f->port);
	out_text(out, "state", NULL, "%s", state);
	out_text(out, "rule", NULL, "%s", f->rule->name);
	if (f->fact && !f->fact->error)
		out_text(out, "value", NULL, "%s", f->fact->value);
	else
		out_null(out, "value");
	out_text(out, "source", NULL, "%s", f->fact ? f->fact->source : "");
	out_text(out, "seen", NULL, "%s", f->seen);
	if (*f->next)
		out_text(out, "next", NULL, "%s", f->next);
	else
		out_null(out, "next");
	out_close(out);
}

static void conclude(struct out *out, const struct host_report *r)
{
	static const char *const words[] = {"Ready", "Not ready",
					    "Cannot tell whether it is ready"};
	static const enum out_color color[] = {OUT_GOOD, OUT_BAD, OUT_WARN};
	bool ready = r->readiness == HOST_READY;
	char services[80], name[40] = "";

	host_services_text(r->services, services, sizeof(services));
	if (r->first)
		layer_name(r->first, name, sizeof(name));
	out_text(out, "verdict", NULL, "%s", host_readiness_name(r->readiness));
	out_say_in(out, color[r->readiness], "%s for RDMA%s%s%s%s.", words[r->readiness],
		   *services ? " with " : "", services, ready ? "" : ": ", ready ? "" : name);
	if (r->first && *r->first->next) {
		out_text(out, "first", NULL, "%s", r->first->next);
		out_say(out, "%s: %s", ready ? "Could be better" : "First", r->first->next);
	} else {
		out_null(out, "first");
	}
	if (!r->services)
		out_note(out, "nothing is served or mounted here; --for asks about a service");
}

void host_show(struct out *out, const struct host_report *r)
{
	char services[80];

	out_text(out, "card", NULL, "%s", r->card);
	out_text(out, "kernel", NULL, "%s", fact_value(&r->facts, "kernel", 0));
	out_text(out, "os", NULL, "%s", fact_value(&r->facts, "os", 0));
	out_text(out, "for", NULL, "%s",
		 host_services_text(r->services, services, sizeof(services)));
	out_say(out, "%s on %s, Linux %s", r->card, fact_value(&r->facts, "os", 0),
		fact_value(&r->facts, "kernel", 0));
	out_array(out, "layers");
	for (size_t i = 0; i < r->count; i++)
		show_finding(out, &r->finding[i]);
	out_close(out);
	conclude(out, r);
}

static void show_rules(struct out *out)
{
	const char *layer = "";

	out_array(out, "rules");
	for (size_t i = 0; i < host_rule_count; i++) {
		const struct host_rule *rule = &host_rules[i];

		if (strcmp(layer, host_layers[rule->layer].name)) {
			layer = host_layers[rule->layer].name;
			out_say(out, "%s", layer);
		}
		out_say(out, "  %-21s %s  if %s", rule->name, host_state_name(rule->state),
			*rule->when ? rule->when : "nothing above");
		out_object(out, NULL);
		out_text(out, "layer", NULL, "%s", layer);
		out_text(out, "rule", NULL, "%s", rule->name);
		out_text(out, "state", NULL, "%s", host_state_name(rule->state));
		out_text(out, "when", NULL, "%s", rule->when);
		out_text(out, "seen", NULL, "%s", rule->seen);
		out_text(out, "next", NULL, "%s", rule->next);
		out_close(out);
	}
	out_close(out);
}

static void show_messages(struct out *out)
{
	out_say(out, "kernel messages");
	out_array(out, "messages");
	for (size_t i = 0; i < host_message_count; i++) {
		const struct host_message *message = &host_messages[i];

		out_say(out, "  %s  %s: %s", host_state_name(message->state), message->text,
			message->meaning);
		out_object(out, NULL);
		out_text(out, "text", NULL, "%s", message->text);
		out_text(out, "state", NULL, "%s", host_state_name(message->state));
		out_text(out, "meaning", NULL, "%s", message->meaning);
		out_text(out, "next", NULL, "%s", message->next);
		out_close(out);
	}
	out_close(out);
}

void host_show_rules(struct out *out)
{
	show_rules(out);
	show_messages(out);
}
