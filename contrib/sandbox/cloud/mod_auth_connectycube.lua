-- Chat login of the sandbox cloud: SASL PLAIN, user name <userId>-<appId>,
-- password = the user's password or a live REST session token.
-- The users and tokens live in mod_connectycube.
--
--    authentication = "connectycube"

local new_sasl = require "util.sasl".new;

local cloud = module:depends("connectycube").cloud;

local provider = { name = "connectycube" };

local function read_only()
	return nil, "The users file is read-only";
end

function provider.test_password(username, password)
	return cloud:check_chat_password(username, password);
end

function provider.user_exists(username)
	return cloud:chat_user(username) ~= nil;
end

function provider.users()
	return cloud:chat_usernames();
end

function provider.get_sasl_handler()
	return new_sasl(module.host, {
		plain_test = function (_, username, password)
			return cloud:check_chat_password(username, password), true;
		end
	});
end

provider.set_password = read_only;
provider.create_user = read_only;
provider.delete_user = read_only;

module:provides("auth", provider);
