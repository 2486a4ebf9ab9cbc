/// Class of a camera (一类 / 二类 / 三类): built for public safety, joined from units, social. Policy, not technique.
package enum CameraClass: String, Sendable, Codable, CaseIterable {
    case a = "A"
    case b = "B"
    case c = "C"
}

/// Where a camera belongs, as the dispatch platform knows it. Set by configuration, carried unchanged in every alert.
package struct CameraPlace: Hashable, Sendable, Codable {
    /// Longitude and latitude in degrees (the site's own datum; Snowline only passes them on).
    package let location: [Double]?
    package let site: String
    package let area: String?
    package let grid: String?
    package let gbID: String?
    package let cameraName: String
    package let cameraClass: CameraClass

    package init(
        site: String, area: String?, grid: String?, gbID: String?, location: [Double]?, cameraName: String,
        cameraClass: CameraClass
    ) {
        self.site = site
        self.area = area
        self.grid = grid
        self.gbID = gbID
        self.location = location
        self.cameraName = cameraName
        self.cameraClass = cameraClass
    }

    enum CodingKeys: String, CodingKey {
        case site, area, grid, location
        case gbID = "gb_id"
        case cameraName = "camera_name"
        case cameraClass = "camera_class"
    }
}
