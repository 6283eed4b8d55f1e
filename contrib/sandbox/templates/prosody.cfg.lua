-- The sandbox's XMPP server; written by contrib/sandbox, {{...}} filled in.

run_as_root = true
daemonize = false
pidfile = "{{dir}}/prosody.pid"
data_path = "{{dir}}/data"
plugin_paths = { "{{sandbox}}/cloud" }
log = { info = "{{dir}}/prosody.log" }
storage = "memory"
network_settings = { nagle = false }

interfaces = { "127.0.0.1", "::1" }
http_ports = { {{http_port}} }
https_ports = { {{https_port}} }
https_ssl = { certificate = "{{dir}}/server.pem"; key = "{{dir}}/server.key" }
certificates = "{{dir}}/data"
http_default_host = "{{domain}}"
http_paths = { websocket = "/" }

-- Chat is WebSocket only. Plain ws is for a page on http://localhost, which
-- browsers hold to be secure.
c2s_ports = {}
c2s_direct_tls_ports = {}
consider_websocket_secure = true

modules_enabled = {
	"posix", "roster", "saslauth", "disco", "ping",
	"smacks", "carbons", "csi",
}
modules_disabled = { "s2s", "offline" }

VirtualHost "{{domain}}"
	modules_enabled = { "websocket", "connectycube" }
	authentication = "connectycube"
	sandbox_users = "{{users}}"
	sandbox_page = "{{sandbox}}/page"
	sandbox_sdk = "{{sdk}}"
	sandbox_extension = {{extension}}
	sandbox_phone = {{phone}}
