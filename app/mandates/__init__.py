"""Getting in: invitations by the bureau or by a firm, requests with a proof, who acts for which firm until when."""
