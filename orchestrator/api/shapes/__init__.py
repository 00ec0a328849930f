"""The shapes of bodies and answers, one module a resource. No rules: those are the domain's."""
