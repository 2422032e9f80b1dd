package dotenv

import (
	"slices"
	"testing"
)

func TestGuess(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"STRIPE_KEY", "sk_live_51Habc", "api_key"},
		{"OPENAI_API_KEY", "sk-proj-abc", "api_key"},
		{"stripeApiKey", "x", "api_key"},
		{"MYAPIKEY", "x", "api_key"},
		{"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "api_key"},
		{"ID", "AKIAIOSFODNN7EXAMPLE", "api_key"},
		{"GITHUB_TOKEN", "ghp_abcdef", "token"},
		{"WHATEVER", "ghp_abcdef", "token"},
		{"WHATEVER", "eyJhbGciOi.x.y", "token"},
		{"SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/x", "token"},
		{"DB_PASSWORD", "hunter2", "password"},
		{"PGPASSWORD", "hunter2", "password"},
		{"DB_PASS", "true", "password"},
		{"dbPwd", "x", "password"},
		{"CLIENT_SECRET", "abc", "password"},
		{"AWS_SECRET_ACCESS_KEY", "wJalr/x", "password"},
		{"JWT_SECRET", "abc", "password"},
		{"SIGNING_KEY", "abc", "password"},
		{"STRIPE_TOKEN_SECRET", "sk_live_abc", "api_key"},
		{"STRIPE_SECRET_KEY", "sk_live_abc", "api_key"},
		{"STRIPE_SECRET_KEY", "SK_LIVE_abc", "password"},
		{"STRIPE_SECRET_KEY", "sk_l", "password"},
		{"STRIPE_SECRET_PASSWORD", "sk_live_abc", "password"},
		{"AWS_SECRET_KEY", "AKIAIOSFODNN7EXAMPLE", "password"},
		{"KEY", "-----BEGIN RSA PRIVATE KEY-----\nabc", "password"},
		{"RECOVERY_CODES", "1 2 3", "password"},
		{"TOTP", "JBSWY3DPEHPK3PXP", "totp_seed"},
		{"GITHUB_OTP_SECRET", "JBSWY3DPEHPK3PXP", "totp_seed"},
		{"X", "otpauth://totp/a?secret=b", "totp_seed"},
		{"PASSWORD", "OTPAUTH://totp/a?secret=b", "totp_seed"},
		{"ADMIN_EMAIL", "a@b.test", "email"},
		{"CONTACT", "a@b.test", "email"},
		{"ADMIN_EMAIL", "p@ss!w.rd", "password"},
		{"DB_USER", "admin", "username"},
		{"DB_USER", "xK9fQ2mZ7pLw", "password"},
		{"DB_USER", "a@b.test", "email"},
		{"USER_PASSWORD", "admin", "password"},
		{"API_URL", "https://api.test/v1", "url"},
		{"SITE", "https://api.test/v1", "url"},
		{"API_URL", "https://api.test/v1?key=abc", "password"},
		{"API_URL", "https://api.test/hook/9f8Ac7d6e5Bf4a3b2c1d", "password"},
		{"DATABASE_URL", "postgres://u:p@h/db", "password"},
		{"DATABASE_URL", "host=h password=p", "password"},
		{"API_URL", "hunter", "password"},
		{"API_URL", "localhost", "text"},
		{"REDIS_URL", "redis://localhost:6379", "url"},
		{"PASSWORD_RESET_URL", "https://x.test/reset", "password"},
		{"NODE_ENV", "production", "text"},
		{"PORT", "3000", "text"},
		{"AWS_REGION", "us-east-1", "text"},
		{"LOG_LEVEL", "debug", "text"},
		{"LOG_LEVEL", "sk_live_abc", "api_key"},
		{"APP_NAME", "xK9fQ2mZ7pLw", "password"},
		{"FEATURE_X", "true", "text"},
		{"RETRIES", "5", "text"},
		{"EMPTY", "", "text"},
		{"CODE", "123456", "password"},
		{"FOO", "hunter2", "password"},
		{"FOO", "bar", "password"},
		{"FOO", "\xff\xfe", "password"},
	} {
		if got := Guess(c.key, []byte(c.value)); got != c.want {
			t.Errorf("%s=%s: %s, want %s", c.key, c.value, got, c.want)
		}
	}
}

// TestThreatF3GuessNeverWidens: what a password's key or an otpauth value says is
// not overruled by the other half, whatever that is.
func TestThreatF3GuessNeverWidens(t *testing.T) {
	values := []string{"", "true", "5", "sk_live_a", "AKIAX", "ghp_x", "eyJx", "a@b.test", "https://x.test", "otpauth://x", "-----BEGIN X", "plain", "xK9fQ2mZ7pLw"}
	hidden := []string{"password", "totp_seed"}
	for _, key := range []string{"PASSWORD", "USER_PASSWORD", "PASSWORD_URL", "EMAIL_PASS", "MAIL_PWD", "PORT_SECRET_PIN", "TOTP_NAME", "MODE_PASSPHRASE", "PRIVATE_KEY"} {
		for _, v := range values {
			if got := Guess(key, []byte(v)); !slices.Contains(hidden, got) {
				t.Errorf("%s=%s: %s", key, v, got)
			}
		}
	}
	for _, key := range []string{"", "A", "URL", "EMAIL", "USER", "NODE_ENV", "API_KEY", "TOKEN"} {
		for _, v := range []string{"otpauth://x", "-----BEGIN PRIVATE KEY-----", "postgres://u:p@h/db"} {
			if got := Guess(key, []byte(v)); !slices.Contains(hidden, got) {
				t.Errorf("%s=%s: %s", key, v, got)
			}
		}
	}
}

func FuzzGuess(f *testing.F) {
	f.Add("API_URL", []byte("https://x.test"))
	f.Add("a@b", []byte("://"))
	f.Add("É_ß", []byte("\xff@.\x00"))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if got := Guess(key, value); !slices.Contains(showsLeast, got) {
			t.Errorf("%q", got)
		}
	})
}
