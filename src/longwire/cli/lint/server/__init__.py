"""``longwire lint --lsp``: the linter as a language server. Nothing else imports pygls."""
