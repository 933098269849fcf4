"""What asks for a finger or a face: the browser's own virtual authenticator, built into the device."""

from playwright.sync_api import CDPSession, Page

_BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Authenticator:
    """In this page until it is closed; it knows its owner unless told otherwise.

    prf: it makes bytes of a salt as well; such a one recognises nobody any more once it did not recognise somebody.
    """

    def __init__(self, page: Page, *, prf: bool = False) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        options = _BUILT_IN | ({"ctap2Version": "ctap2_1", "hasPrf": True} if prf else {})
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def knows_its_owner(self, is_so: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_so})
